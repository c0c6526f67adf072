package availability_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/availability"
)

func TestParseClock(t *testing.T) {
	for text, want := range map[string]int{"00:00": 0, "00:01": 1, "09:30": 570, "23:59": 1439, "24:00": 1440} {
		got, err := availability.ParseClock(text)
		if err != nil || got != want {
			t.Errorf("ParseClock(%q) = %d, %v; want %d", text, got, err, want)
		}
		if back := availability.FormatClock(got); back != text {
			t.Errorf("FormatClock(%d) = %q, want %q", got, back, text)
		}
	}
	for _, text := range []string{"", "9:30", "09:3", "0930", "09:60", "24:01", "25:00", "-1:00", "+1:00", "09:30:00", "9:300", " 9:30", "09:30 "} {
		if got, err := availability.ParseClock(text); err == nil {
			t.Errorf("ParseClock(%q) = %d, want an error", text, got)
		}
	}
}

func TestClockString(t *testing.T) {
	if got, want := (availability.Clock{Start: 545, End: 1440}).String(), "09:05-24:00"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParseDate(t *testing.T) {
	want := availability.Date{Year: 2028, Month: time.February, Day: 29}
	got, err := availability.ParseDate("2028-02-29")
	if err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	for _, text := range []string{"", "2027-02-29", "2027-13-01", "2027-1-01", "27-01-01", "2027-01-01T00:00:00Z", "+027-01-01"} {
		if got, err := availability.ParseDate(text); err == nil {
			t.Errorf("ParseDate(%q) = %v, want an error", text, got)
		}
	}
}

func TestDateIsTextInJSON(t *testing.T) {
	want := map[availability.Date]availability.Date{
		{Year: 2026, Month: time.March, Day: 1}: {Year: 987, Month: time.December, Day: 31},
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"2026-03-01":"0987-12-31"}`, string(text)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var got map[availability.Date]availability.Date
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if err := json.Unmarshal([]byte(`{"2026-02-30":"2026-03-01"}`), &got); err == nil {
		t.Error("30 February was read without an error")
	}
}

func FuzzParseClock(f *testing.F) {
	f.Add("09:30")
	f.Add("24:00")
	f.Fuzz(func(t *testing.T, text string) {
		minutes, err := availability.ParseClock(text)
		if err == nil && (minutes < 0 || minutes > 1440 || availability.FormatClock(minutes) != text) {
			t.Errorf("ParseClock(%q) = %d", text, minutes)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	f.Add("2026-11-24")
	f.Fuzz(func(t *testing.T, text string) {
		date, err := availability.ParseDate(text)
		if err == nil && date.String() != text {
			t.Errorf("ParseDate(%q) = %v", text, date)
		}
	})
}
