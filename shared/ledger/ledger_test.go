package ledger_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/availability"
	"keyslot/shared/ledger"
	"keyslot/shared/span"
)

func at(s string) int64 {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t.Unix()
}

func entry(id, start, end string, before, after time.Duration) ledger.Entry {
	return ledger.Entry{
		ID: id, Span: span.Span{Start: at(start), End: at(end)},
		Before: int64(before / time.Second), After: int64(after / time.Second),
	}
}

func TestStarts(t *testing.T) {
	const d1, d2, d3 = "2026-11-24 00:00", "2026-11-25 00:00", "2026-11-26 00:00"
	for _, tt := range []struct {
		name, start, end string
		want             []int64
	}{
		{"within a day", "2026-11-24 09:00", "2026-11-24 10:00", []int64{at(d1)}},
		{"up to midnight touches one day", "2026-11-24 23:00", d2, []int64{at(d1)}},
		{"over midnight touches two", "2026-11-24 23:30", "2026-11-25 00:30", []int64{at(d1), at(d2)}},
		{"a day in the middle counts", "2026-11-24 23:30", "2026-11-26 00:30", []int64{at(d1), at(d2), at(d3)}},
		{"an empty span touches none", d1, d1, nil},
		{"before 1970", "1969-12-31 23:30", "1970-01-01 00:30", []int64{-86400, 0}},
	} {
		got := ledger.Starts(span.Span{Start: at(tt.start), End: at(tt.end)})
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// Two bookings that are too close share the ledger of a day, whatever their buffers:
// otherwise neither would notice the other.
func TestTooCloseMeansSameDay(t *testing.T) {
	hour := time.Hour
	spans := []ledger.Entry{
		entry("a", "2026-11-24 22:00", "2026-11-24 23:00", 0, 2*hour),
		entry("b", "2026-11-25 00:30", "2026-11-25 01:00", 0, 0),
		entry("c", "2026-11-25 03:00", "2026-11-25 03:30", 5*hour, 0),
		entry("d", "2026-11-26 00:00", "2026-11-26 01:00", 0, 0),
		entry("e", "2026-11-25 22:00", "2026-11-26 00:00", 0, 0),
		entry("f", "2026-11-25 22:00", "2026-11-26 00:00", 0, 24*hour),
	}
	pairs := 0
	for _, a := range spans {
		for _, b := range spans {
			if !a.Blocked().Overlaps(b.Blocked()) {
				continue
			}
			pairs++
			shared := false
			for _, day := range ledger.Starts(a.Blocked()) {
				shared = shared || ledger.Day{Start: day}.Touches(b)
			}
			if !shared {
				t.Errorf("%s and %s are too close, and share no day", a.ID, b.ID)
			}
		}
	}
	if pairs <= len(spans) {
		t.Error("no two of the entries are close: the test shows nothing")
	}
}

func TestBusyCountsAnEntryOnce(t *testing.T) {
	over := entry("over", "2026-11-24 23:30", "2026-11-25 00:30", 0, time.Hour)
	buffer := entry("buffer", "2026-11-25 00:15", "2026-11-25 01:00", time.Hour, 0)
	early := entry("early", "2026-11-23 23:00", "2026-11-24 01:00", 0, 0)
	var days []ledger.Day
	for _, start := range []string{"2026-11-24 00:00", "2026-11-25 00:00"} {
		d := ledger.Day{Start: at(start)}
		for _, e := range []ledger.Entry{buffer, over, early} {
			if d.Touches(e) {
				d = d.With(e)
			}
		}
		days = append(days, d)
	}
	want := []availability.Busy{
		{Span: early.Span},
		{Span: over.Span, After: 3600},
		{Span: buffer.Span, Before: 3600},
	}
	if diff := cmp.Diff(want, ledger.Busy(days)); diff != "" {
		t.Errorf("busy times differ (-want +got):\n%s", diff)
	}
}

func TestChangesMakeVersions(t *testing.T) {
	e, f := entry("e", "2026-11-24 09:00", "2026-11-24 10:00", 0, 0), entry("f", "2026-11-24 11:00", "2026-11-24 12:00", 0, 0)
	empty := ledger.Day{Host: "h", Start: at("2026-11-24 00:00")}
	one := empty.With(e)
	two := one.With(f)
	back := two.Without("e")
	if empty.Has("e") || !one.Has("e") || !two.Has("f") || back.Has("e") || !back.Has("f") {
		t.Errorf("entries: %v, %v, %v, %v", empty.Entries, one.Entries, two.Entries, back.Entries)
	}
	if one.Version != 1 || two.Version != 2 || back.Version != 3 {
		t.Errorf("versions %d, %d, %d; want 1, 2, 3", one.Version, two.Version, back.Version)
	}
	if other := one.With(entry("g", "2026-11-24 13:00", "2026-11-24 14:00", 0, 0)); two.Has("g") || other.Has("f") {
		t.Error("two days made from one share entries")
	}
}
