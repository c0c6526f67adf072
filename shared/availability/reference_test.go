package availability_test

import (
	"slices"
	"time"

	"keyslot/shared/availability"
	"keyslot/shared/span"
)

// The reference answers a problem by brute force: it marks every minute of the range
// as open, busy and free, and walks from minute to minute. It shares no arithmetic with
// the engine; the zones are those of package time. Ranges lie on whole minutes.

// wallMinute returns what the clock of loc shows at t, in minutes since 1970.
func wallMinute(loc *time.Location, t int64) int64 {
	_, offset := time.Unix(t, 0).In(loc).Zone()
	return (t + int64(offset)) / 60
}

// openMinutes marks the open minutes of within. Hours run from the minute at which the
// clock first shows their start, or has gone past it, to that of their end.
func openMinutes(h availability.Hours, within span.Span) []bool {
	const days = 3 // before and after within, whose hours may still matter
	from := within.Start - days*24*60*60
	var wall []int64 // what the clock has shown at the latest
	for t := from; t < within.End+days*24*60*60; t += 60 {
		now := wallMinute(h.Zone, t)
		if n := len(wall); n > 0 {
			now = max(now, wall[n-1])
		}
		wall = append(wall, now)
	}
	first := func(minute int64) int {
		m, _ := slices.BinarySearch(wall, minute)
		return m
	}

	open := make([]bool, len(wall))
	date := time.Unix(wall[0]*60, 0).UTC().Truncate(24 * time.Hour)
	for ; date.Unix()/60 <= wall[len(wall)-1]; date = date.AddDate(0, 0, 1) {
		clocks, ok := h.Overrides[availability.Date{Year: date.Year(), Month: date.Month(), Day: date.Day()}]
		if !ok {
			clocks = h.Weekly[date.Weekday()]
		}
		for _, c := range clocks {
			midnight := date.Unix() / 60
			for m := first(midnight + int64(c.Start)); m < first(midnight+int64(c.End)); m++ {
				open[m] = true
			}
		}
	}
	return open[days*24*60:][:(within.End-within.Start)/60]
}

// spansOf returns the runs of marked minutes.
func spansOf(within span.Span, marked []bool) []span.Span {
	var runs []span.Span
	for m, is := range marked {
		start := within.Start + int64(m)*60
		switch n := len(runs); {
		case !is:
		case n > 0 && runs[n-1].End == start:
			runs[n-1].End += 60
		default:
			runs = append(runs, span.Span{Start: start, End: start + 60})
		}
	}
	return runs
}

type reference struct {
	problem
	open, free [][]bool        // minutes of each host
	since      map[int64]int64 // since when the booker's clock has kept a distance from UTC, minutes
	over       int64           // when the rolling days are; 0: never
}

func newReference(p problem) reference {
	ref := reference{problem: p, since: map[int64]int64{}}
	for i, h := range p.hours {
		open := openMinutes(h, p.q.Within)
		ref.open = append(ref.open, open)
		ref.free = append(ref.free, slices.Clone(open))
		for m := range ref.free[i] {
			minute := span.Span{Start: p.q.Within.Start + int64(m)*60, End: p.q.Within.Start + int64(m+1)*60}
			if ref.busy(i, minute) {
				ref.free[i][m] = false
			}
		}
	}
	if p.rules.RollingDays > 0 {
		day := func(t int64) int64 { return wallMinute(p.q.Booker, t) / (24 * 60) }
		ref.over = p.q.Now.Unix() / 60 * 60
		for day(ref.over) <= day(p.q.Now.Unix())+int64(p.rules.RollingDays) {
			ref.over += 60
		}
	}
	step := int64(60 * 60)
	for t := p.q.Within.Start - 366*24*60*60; t < p.q.Within.End; t += step {
		if t == p.q.Within.Start {
			step = 60
		}
		distance := wallMinute(p.q.Booker, t) - t/60
		if _, ok := ref.since[distance]; !ok {
			ref.since[distance] = t
		}
	}
	return ref
}

func (r reference) minutes() int { return int(r.q.Within.End-r.q.Within.Start) / 60 }

// busy reports whether any second of s is too close to a busy time of host i.
func (r reference) busy(i int, s span.Span) bool {
	for _, b := range r.team.Hosts[i].Busy {
		before := b.Before + int64(r.rules.BufferAfter.Seconds())
		after := b.After + int64(r.rules.BufferBefore.Seconds())
		if b.Start < b.End && s.Start < b.End+after && b.Start-before < s.End {
			return true
		}
	}
	return false
}

// step and grid are in minutes.
func (r reference) step() int64 {
	if r.rules.Step == 0 {
		return int64(r.rules.Length.Minutes())
	}
	return int64(r.rules.Step.Minutes())
}

func (r reference) grid() int64 {
	for grid := int64(60); ; grid-- {
		if slices.Contains([]int64{60, 30, 20, 15, 10, 5, 1}, grid) && r.step()%grid == 0 {
			return grid
		}
	}
}

// early reports whether a start at t is in the past or within the notice.
func (r reference) early(t int64) bool {
	return time.Unix(t, 0).Before(r.q.Now.Add(r.rules.Notice))
}

// late reports whether a start at t is after the rolling days: whether the booker's
// clock has shown a later day.
func (r reference) late(t int64) bool { return r.over != 0 && t >= r.over }

// slots returns the starts that the slot rule gives.
func (r reference) slots() []int64 {
	all := make([]bool, r.minutes())
	for m := range all {
		all[m] = true
	}
	var others [][]bool
	for i, h := range r.team.Hosts {
		if r.team.Scheduling == availability.RoundRobin && !h.Fixed {
			others = append(others, r.free[i])
			continue
		}
		all = both(all, r.free[i])
	}
	if others == nil {
		return r.lay(all)
	}
	var starts []int64
	for _, other := range others {
		starts = append(starts, r.lay(both(all, other))...)
	}
	slices.Sort(starts)
	return slices.Compact(starts)
}

// lay walks through the free windows from minute to minute.
func (r reference) lay(free []bool) []int64 {
	var starts []int64
	for _, window := range spansOf(r.q.Within, free) {
		t := window.Start
		for r.early(t) || wallMinute(r.q.Booker, t)%r.grid() != 0 {
			t += 60
		}
		offset := int64(r.rules.Offset.Seconds())
		for t += offset; t+int64(r.rules.Length.Seconds()) <= window.End; t += r.step()*60 + offset {
			if !r.late(t) {
				starts = append(starts, t)
			}
		}
	}
	return starts
}

// freeHosts returns the hosts who are free for a slot at t.
func (r reference) freeHosts(t int64) []int {
	var free []int
	for i := range r.free {
		if r.all(r.free[i], t) {
			free = append(free, i)
		}
	}
	return free
}

// all reports whether all minutes of a booking at t are marked.
func (r reference) all(marked []bool, t int64) bool {
	first := (t - r.q.Within.Start) / 60
	for m := first; m < first+int64(r.rules.Length.Minutes()); m++ {
		if m >= int64(len(marked)) || !marked[m] {
			return false
		}
	}
	return true
}

// verdict returns what [availability.Check] is to say of host 0 at t.
func (r reference) verdict(t int64) availability.Verdict {
	length := int64(r.rules.Length.Seconds())
	switch {
	case r.early(t):
		return availability.TooSoon
	case r.late(t), !r.all(r.open[0], t), !r.onGrid(t):
		return availability.Outside
	case r.busy(0, span.Span{Start: t, End: t + length}):
		return availability.Taken
	}
	return availability.Bookable
}

// onGrid reports whether t is a number of offsets after a multiple of the grid, as the
// booker's clock shows it or has shown it within a year.
func (r reference) onGrid(t int64) bool {
	for distance, since := range r.since {
		for offsets := range r.grid() {
			wall := t/60 + distance - offsets*int64(r.rules.Offset.Minutes())
			if since <= t && wall%r.grid() == 0 {
				return true
			}
		}
	}
	return false
}

func both(a, b []bool) []bool {
	c := make([]bool, len(a))
	for m := range c {
		c[m] = a[m] && b[m]
	}
	return c
}
