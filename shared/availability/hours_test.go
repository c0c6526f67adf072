package availability_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/availability"
	"keyslot/shared/span"
)

func TestOpen(t *testing.T) {
	const minute = "2006-01-02 15:04"
	for _, test := range []struct {
		name     string
		zone     string
		weekly   [7]string
		override map[string]string
		from, to string   // in the zone
		want     []string // UTC
	}{
		{
			name: "hours are those of the zone's clock",
			zone: "America/New_York", weekly: [7]string{time.Tuesday: "09:00-17:00"},
			from: "2026-11-23 00:00", to: "2026-11-30 00:00",
			want: []string{"11-24 14:00 - 11-24 22:00"},
		},
		{
			name: "hours are clipped to the range",
			zone: "UTC", weekly: [7]string{time.Tuesday: "09:00-12:00 13:00-17:00"},
			from: "2026-11-24 10:10", to: "2026-11-24 13:20",
			want: []string{"11-24 10:10 - 11-24 12:00", "11-24 13:00 - 11-24 13:20"},
		},
		{
			name: "hours in any order, overlapping and touching, are merged",
			zone: "UTC", weekly: [7]string{time.Tuesday: "13:00-17:00 09:00-12:00 11:00-13:00 20:00-21:00"},
			from: "2026-11-24 00:00", to: "2026-11-25 00:00",
			want: []string{"11-24 09:00 - 11-24 17:00", "11-24 20:00 - 11-24 21:00"},
		},
		{
			name: "hours until and from midnight join",
			zone: "UTC", weekly: [7]string{time.Tuesday: "22:00-24:00", time.Wednesday: "00:00-02:00"},
			from: "2026-11-24 00:00", to: "2026-11-26 00:00",
			want: []string{"11-24 22:00 - 11-25 02:00"},
		},
		{
			name: "hours that end before they start are none",
			zone: "UTC", weekly: [7]string{time.Tuesday: "22:00-02:00"},
			from: "2026-11-24 00:00", to: "2026-11-26 00:00",
		},
		{
			name: "an override replaces the hours of its date, an empty one closes it",
			zone: "UTC", weekly: [7]string{time.Tuesday: "09:00-10:00", time.Wednesday: "09:00-10:00", time.Thursday: "09:00-10:00"},
			override: map[string]string{"2026-11-24": "12:00-13:00", "2026-11-25": ""},
			from:     "2026-11-24 00:00", to: "2026-11-27 00:00",
			want: []string{"11-24 12:00 - 11-24 13:00", "11-26 09:00 - 11-26 10:00"},
		},
		{
			name: "an empty range is never open",
			zone: "UTC", weekly: [7]string{time.Tuesday: "00:00-24:00"},
			from: "2026-11-24 12:00", to: "2026-11-24 12:00",
		},
		{
			name: "dates before 1970",
			zone: "UTC", weekly: [7]string{time.Wednesday: "09:00-10:00"},
			from: "1969-12-29 00:00", to: "1970-01-05 00:00",
			want: []string{"12-31 09:00 - 12-31 10:00"},
		},

		{
			name: "spring: a day of 23 hours",
			zone: "Europe/Berlin", weekly: [7]string{time.Sunday: "00:00-24:00"},
			from: "2026-03-28 00:00", to: "2026-03-31 00:00",
			want: []string{"03-28 23:00 - 03-29 22:00"},
		},
		{
			name: "spring: skipped hours are not open",
			zone: "Europe/Berlin", weekly: [7]string{time.Sunday: "02:10-02:50"},
			from: "2026-03-28 00:00", to: "2026-03-31 00:00",
		},
		{
			name: "spring: hours that begin in the skipped hour open at its end",
			zone: "Europe/Berlin", weekly: [7]string{time.Sunday: "02:30-04:00"},
			from: "2026-03-28 00:00", to: "2026-03-31 00:00",
			want: []string{"03-29 01:00 - 03-29 02:00"},
		},
		{
			name: "spring: hours that end in the skipped hour close at its start",
			zone: "Europe/Berlin", weekly: [7]string{time.Sunday: "01:00-02:30"},
			from: "2026-03-28 00:00", to: "2026-03-31 00:00",
			want: []string{"03-29 00:00 - 03-29 01:00"},
		},
		{
			name: "spring: no midnight",
			zone: "Asia/Beirut", weekly: [7]string{time.Saturday: "20:00-24:00", time.Sunday: "00:30-02:00"},
			from: "2026-03-28 00:00", to: "2026-03-30 00:00",
			want: []string{"03-28 18:00 - 03-28 23:00"},
		},
		{
			name: "autumn: a day of 25 hours",
			zone: "Europe/Berlin", weekly: [7]string{time.Sunday: "00:00-24:00"},
			from: "2026-10-24 00:00", to: "2026-10-27 00:00",
			want: []string{"10-24 22:00 - 10-25 23:00"},
		},
		{
			name: "autumn: hours that begin in the repeated hour open when it comes first",
			zone: "Europe/Berlin", weekly: [7]string{time.Sunday: "02:30-03:30"},
			from: "2026-10-24 00:00", to: "2026-10-27 00:00",
			want: []string{"10-25 00:30 - 10-25 02:30"},
		},
		{
			name: "autumn: hours that end in the repeated hour close when it comes first",
			zone: "Europe/Berlin", weekly: [7]string{time.Sunday: "01:00-02:30"},
			from: "2026-10-24 00:00", to: "2026-10-27 00:00",
			want: []string{"10-24 23:00 - 10-25 00:30"},
		},
		{
			name: "autumn: half an hour is repeated on Lord Howe Island",
			zone: "Australia/Lord_Howe", weekly: [7]string{time.Sunday: "01:30-02:00"},
			from: "2026-04-04 00:00", to: "2026-04-06 00:00",
			want: []string{"04-04 14:30 - 04-04 15:30"},
		},
		{
			name: "autumn: part of the day before is repeated", // St. John's went from 00:01 to 23:01
			zone: "America/St_Johns", weekly: [7]string{time.Saturday: "22:00-24:00", time.Sunday: "00:00-01:00"},
			from: "2009-10-31 00:00", to: "2009-11-02 00:00",
			want: []string{"11-01 00:30 - 11-01 04:30"},
		},
		{
			name: "a day that the zone skips is never open", // Samoa had no 30 December 2011
			zone: "Pacific/Apia", weekly: [7]string{time.Friday: "09:00-17:00", time.Saturday: "09:00-10:00"},
			from: "2011-12-29 00:00", to: "2012-01-01 00:00",
			want: []string{"12-30 19:00 - 12-30 20:00"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := availability.Hours{Zone: location(t, test.zone), Overrides: map[availability.Date][]availability.Clock{}}
			for day, text := range test.weekly {
				h.Weekly[day] = clocks(t, text)
			}
			for date, text := range test.override {
				h.Overrides[parse(t, availability.ParseDate, date)] = clocks(t, text)
			}
			in := func(text string) (time.Time, error) { return time.ParseInLocation(minute, text, h.Zone) }
			within := span.Of(parse(t, in, test.from), parse(t, in, test.to))

			var got []string
			for _, s := range h.Open(nil, within) {
				const short = "01-02 15:04"
				got = append(got, s.StartTime().Format(short)+" - "+s.EndTime().Format(short))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// St. John's showed 00:00 on 1 November 2009 at 02:30Z, and 23:01 a minute later. Hours
// that opened then are open, even if the range begins on the day before, as the clock
// shows it.
func TestOpenInARepeatedEvening(t *testing.T) {
	h := availability.Hours{Zone: location(t, "America/St_Johns")}
	h.Weekly[time.Sunday] = clocks(t, "00:00-01:00")
	start := time.Date(2009, 11, 1, 2, 40, 0, 0, time.UTC)
	want := []span.Span{span.Of(start, time.Date(2009, 11, 1, 4, 30, 0, 0, time.UTC))}
	got := h.Open(nil, span.Of(start, start.AddDate(0, 0, 1)))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// The zones of package time have no end; their arithmetic must not overflow.
func TestOpenLongAgoAndFarAhead(t *testing.T) {
	h := availability.Hours{Zone: location(t, "Europe/Berlin")}
	for day := range h.Weekly {
		h.Weekly[day] = clocks(t, "00:00-24:00")
	}
	for _, year := range []int{1, 1900, 10_000} {
		start := time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)
		within := span.Of(start, start.AddDate(0, 0, 1))
		if diff := cmp.Diff([]span.Span{within}, h.Open(nil, within)); diff != "" {
			t.Errorf("year %d (-want +got)\n%s", year, diff)
		}
	}
}

func TestOpenAppends(t *testing.T) {
	h := availability.Hours{Weekly: [7][]availability.Clock{time.Tuesday: {{Start: 0, End: 60}}}}
	start := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	touching := span.Of(start.Add(-time.Hour), start)
	want := []span.Span{touching, span.Of(start, start.Add(time.Hour))}
	got := h.Open([]span.Span{touching}, span.Of(start, start.AddDate(0, 0, 1)))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what stood in dst before is left alone (-want +got)\n%s", diff)
	}
}

func TestOpenLeavesHoursAlone(t *testing.T) {
	hours := func() availability.Hours {
		h := availability.Hours{Overrides: map[availability.Date][]availability.Clock{
			{Year: 2026, Month: 11, Day: 25}: {{Start: 600, End: 660}, {Start: 0, End: 60}},
		}}
		h.Weekly[time.Tuesday] = []availability.Clock{{Start: 600, End: 660}, {Start: 0, End: 630}}
		return h
	}
	start := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	got := hours()
	got.Open(nil, span.Of(start, start.AddDate(0, 0, 7)))
	if diff := cmp.Diff(hours(), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
