package availability

import (
	"time"

	"keyslot/shared/span"
)

// A Verdict says whether a start can be booked.
type Verdict int

// The verdicts of [Check].
const (
	Outside Verdict = iota // not in the open hours, off the grid, or after the rolling days
	TooSoon                // in the past or within the notice
	Taken                  // bookable, were it not for a busy time
	Bookable
)

// String returns the name of v in lower case.
func (v Verdict) String() string {
	switch v {
	case Outside:
		return "outside"
	case TooSoon:
		return "too soon"
	case Taken:
		return "taken"
	case Bookable:
		return "bookable"
	}
	return "unknown verdict"
}

// Check reports whether start can be booked with h under r. It does not look at
// q.Within, but h.Open has to be known for the whole booking.
//
// A start is bookable if it lies on the grid, fits the open hours and is clear of busy
// times. Those are more than a [Finder] lists: it lists starts at even distances in a
// free window, and these shift as time passes and others book. So what was listed once
// stays bookable until it is taken or too soon.
//
// Two things make the grid wider here than in the slot rule. With an offset, listed
// starts lead off it, so every multiple of the greatest common divisor of grid, step
// and offset is on it. And where the booker's clock was changed by less than the grid,
// as by half an hour on Lord Howe Island, a window that began before the change keeps
// its grid, so the grid of any clock that the booker had in the year before start
// counts.
func Check(q Query, r Rules, h Host, start time.Time) Verdict {
	t, startable := start.Unix(), r.startable(q)
	slot := span.Span{Start: t, End: t + seconds(r.Length)}
	switch {
	case t < startable.Start:
		return TooSoon
	case t >= startable.End, slot.Empty(), !h.opens(slot), start.Nanosecond() > 0, !r.onGrid(q.Booker, t):
		return Outside
	case h.busy(r, slot):
		return Taken
	}
	return Bookable
}

// opens reports whether all of s is in the open hours of h.
func (h Host) opens(s span.Span) bool {
	for _, open := range h.Open {
		if open.Contains(s) {
			return true
		}
	}
	return false
}

// busy reports whether h is busy in s, or too close to it for a booking under r.
func (h Host) busy(r Rules, s span.Span) bool {
	before, after := seconds(r.BufferBefore), seconds(r.BufferAfter)
	for _, b := range h.Busy {
		if b.blocks(before, after).Overlaps(s) {
			return true
		}
	}
	return false
}

// onGrid reports whether a start at t may be listed: whether it is a multiple of the
// pitch on the booker's clock, as that shows it or as it did within the year before.
func (r Rules) onGrid(booker *time.Location, t int64) bool {
	pitch := r.pitch()
	for z := zoneAt(booker, t); ; z = zoneAt(booker, z.Start-1) {
		if (t+z.offset)%pitch == 0 {
			return true
		}
		if z.Start <= t-366*secondsPerDay {
			return false
		}
	}
}
