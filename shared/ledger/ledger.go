// Package ledger keeps when hosts are busy. It is what makes double bookings
// impossible: whatever takes up a host's time is entered in the host's ledger, and
// every change of a ledger is conditioned on the version that was read
// (design.md §3).
package ledger

import (
	"cmp"
	"context"
	"slices"
	"time"

	"keyslot/shared/availability"
	"keyslot/shared/principal"
	"keyslot/shared/span"
)

// day is the length of a UTC day in seconds; it never varies.
const day = 24 * 60 * 60

// A Day is the ledger of one host on one UTC day.
type Day struct {
	Host    string
	Start   int64 // of the day, Unix seconds
	Version int64 // grows by one with each change; 0: never written
	Entries []Entry
}

// An Entry is a time that a host is busy. It stands in every day that it touches
// together with its buffers, which are those of the booked event type.
//
// Two bookings are too close exactly if their spans with buffers overlap:
//
//	booked      before[=====]after
//	new                   before[=====]after
//
// They then share an instant, and so the ledger of a day: one of them loses.
type Entry struct {
	ID     string // of the booking
	Span   span.Span
	Before int64 // seconds
	After  int64 // seconds
}

// Blocked returns the span with its buffers.
func (e Entry) Blocked() span.Span {
	return span.Span{Start: e.Span.Start - e.Before, End: e.Span.End + e.After}
}

// Store reads ledgers. They are written together with what they account for.
type Store interface {
	// Days returns the ledgers of a host on all days that touch within, in order. A
	// day that was never written comes without entries, in version 0. It reads
	// consistently.
	Days(ctx context.Context, t principal.Tenant, host string, within span.Span) ([]Day, error)
}

// Starts returns the starts of all UTC days that s touches.
func Starts(s span.Span) []int64 {
	var starts []int64
	for d := floor(s.Start); d < s.End; d += day {
		starts = append(starts, d)
	}
	return starts
}

// floor returns the start of the UTC day of t, also before 1970.
func floor(t int64) int64 {
	return t - ((t%day)+day)%day
}

// Date returns the day as YYYY-MM-DD.
func (d Day) Date() string { return time.Unix(d.Start, 0).UTC().Format(time.DateOnly) }

// Has reports whether the day has an entry with the given id.
func (d Day) Has(id string) bool {
	return slices.ContainsFunc(d.Entries, func(e Entry) bool { return e.ID == id })
}

// Touches reports whether e, with its buffers, stands in this day.
func (d Day) Touches(e Entry) bool {
	return e.Blocked().Overlaps(span.Span{Start: d.Start, End: d.Start + day})
}

// With returns the day with e added, in the next version.
func (d Day) With(e Entry) Day {
	d.Entries = append(slices.Clip(d.Entries), e)
	d.Version++
	return d
}

// Without returns the day without the entry of the given id, in the next version.
func (d Day) Without(id string) Day {
	d.Entries = slices.DeleteFunc(slices.Clone(d.Entries), func(e Entry) bool { return e.ID == id })
	d.Version++
	return d
}

// Busy returns the busy times of several days in order of start. An entry stands in
// every day that it touches, and counts once.
func Busy(days []Day) []availability.Busy {
	var busy []availability.Busy
	for _, d := range days {
		for _, e := range d.Entries {
			if e.Blocked().Start < d.Start && d.Start > days[0].Start {
				continue // seen the day before
			}
			busy = append(busy, availability.Busy{Span: e.Span, Before: e.Before, After: e.After})
		}
	}
	slices.SortFunc(busy, func(a, b availability.Busy) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	return busy
}
