package availability

import (
	"cmp"
	"math"
	"time"

	"keyslot/shared/span"
)

// Rules are what an event type says of its slots. Durations are whole seconds, in
// practice minutes; a negative one counts as 0.
type Rules struct {
	Length       time.Duration // of a booking; without a length there are no slots
	Step         time.Duration // from one start to the next; 0: Length
	Offset       time.Duration // is added to the first start of a window and to each step
	Notice       time.Duration // the least time from now to a start
	BufferBefore time.Duration // kept free before a booking, from busy times only
	BufferAfter  time.Duration // kept free after a booking, from busy times only

	// RollingDays limits how far ahead a booking may start: until the end of the day
	// that is this many days after today, on the booker's calendar. 0: no limit.
	RollingDays int
}

// A Query is when a booker asks, and for what time.
type Query struct {
	Now    time.Time
	Within span.Span      // slots start and end there
	Booker *time.Location // the grid lies on this clock; nil is UTC
}

// Busy is a time that a host cannot take. Before and After are the buffers, in seconds,
// of what is booked then. An empty span blocks nothing, whatever its buffers.
type Busy struct {
	span.Span
	Before, After int64
}

// blocks returns the time that no booking with the given buffers, in seconds, may
// overlap because of b. The buffers of both add up.
//
//	b                     |-------|
//	buffers    after|Before|     |After|before
//	=         |---------------------------------|
func (b Busy) blocks(before, after int64) span.Span {
	if b.Empty() {
		return span.Span{}
	}
	return span.Span{Start: b.Start - b.Before - after, End: b.End + b.After + before}
}

// startable returns the span in which a booking may start as far as the time of asking
// decides: from now and the notice, rounded up to a second, until the booker's clock
// first shows a day after the rolling days.
func (r Rules) startable(q Query) span.Span {
	earliest := q.Now.Add(max(r.Notice, 0))
	s := span.Span{Start: earliest.Unix(), End: math.MaxInt64}
	if earliest.Nanosecond() > 0 {
		s.Start++
	}
	if r.RollingDays > 0 {
		now := q.Now.Unix()
		z := zoneAt(q.Booker, now)
		s.End = z.instant((z.day(now) + dayNumber(r.RollingDays) + 1).midnight())
	}
	return s
}

// step returns the distance of starts before the offset is added, in seconds.
func (r Rules) step() int64 {
	return cmp.Or(seconds(r.Step), seconds(r.Length))
}

// grid returns the unit, in seconds, to which the first start of a window is rounded.
func (r Rules) grid() int64 {
	for _, grid := range [...]int64{60 * 60, 30 * 60, 20 * 60, 15 * 60, 10 * 60, 5 * 60} {
		if r.step()%grid == 0 {
			return grid
		}
	}
	return 60
}

// pitch returns the unit, in seconds, of which every start is a multiple on the clock
// that its window began with: the grid, or a part of it if the offset leads off it.
func (r Rules) pitch() int64 {
	return gcd(r.grid(), gcd(r.step(), seconds(r.Offset)))
}

// A layout lays starts over free windows.
type layout struct {
	length, offset, grid int64 // seconds
	distance             int64 // of starts in a window, seconds
	startable            span.Span
	clock                zone // the booker's, where it was last read
}

func newLayout(q Query, r Rules) layout {
	return layout{
		length:    seconds(r.Length),
		offset:    seconds(r.Offset),
		grid:      r.grid(),
		distance:  r.step() + seconds(r.Offset),
		startable: r.startable(q),
		clock:     zoneAt(q.Booker, q.Within.Start),
	}
}

// starts returns the first start in a free window and the latest that another may be;
// there is none if latest is before first.
func (l *layout) starts(free span.Span) (first, latest int64) {
	from := max(free.Start, l.startable.Start)
	latest = min(free.End-l.length, l.startable.End-1)
	if latest < from {
		return from, latest
	}
	return l.clock.round(from, l.grid) + l.offset, latest
}

// seconds returns the whole seconds of d, none if d is negative.
func seconds(d time.Duration) int64 { return max(int64(d/time.Second), 0) }

// gcd returns the greatest common divisor of numbers that are not negative.
func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
