package availability

import (
	"iter"
	"slices"

	"keyslot/shared/span"
)

// A Scheduling says which hosts of a team take a booking.
type Scheduling int

// The kinds of scheduling.
const (
	Single     Scheduling = iota // the only host
	Collective                   // all hosts
	RoundRobin                   // all fixed hosts and, if there are others, one of those
)

// A Team is the hosts of an event type.
type Team struct {
	Scheduling Scheduling
	Hosts      []Host
}

// A Host is one who can take a booking.
type Host struct {
	Open []span.Span // a set, such as [Hours.Open] returns
	Busy []Busy      // in any order; the order of start is fastest

	Fixed bool // round robin: takes part in every booking
	Turn       // round robin: the claim to the next booking, if not fixed
}

// takesTurns reports whether h shares the bookings of the team with others, instead
// of taking part in each.
func (t Team) takesTurns(h Host) bool { return t.Scheduling == RoundRobin && !h.Fixed }

// A Finder finds slots. Its zero value is ready for use. It owns the buffers that it
// needs: one that is kept makes no garbage, but serves one goroutine at a time.
type Finder struct {
	free    [][]span.Span // when each host is free
	windows []span.Span   // backs free
	common  []span.Span   // when all are free who take part in every booking
	party   []span.Span   // when these are, and one of those who take turns
	spare   []span.Span
	union   union
	starts  []int64
	hosts   []int
}

// Slots appends the starts of all slots that the team has for q under r to dst: Unix
// seconds, ascending, each once. In round robin these are the slots of every host
// together, each laid in the host's own free time.
func (f *Finder) Slots(dst []int64, q Query, r Rules, team Team) []int64 {
	if seconds(r.Length) <= 0 || len(team.Hosts) == 0 {
		return dst
	}
	f.meet(q, r, team)
	l := newLayout(q, r)
	if !slices.ContainsFunc(team.Hosts, team.takesTurns) {
		for _, window := range f.common {
			first, latest := l.starts(window)
			for t := first; t <= latest; t += l.distance {
				dst = append(dst, t)
			}
		}
		return dst
	}
	f.union.reset(q, r, l.distance)
	for i, h := range team.Hosts {
		if !team.takesTurns(h) {
			continue
		}
		f.party = span.Intersect(f.party[:0], f.common, f.free[i])
		for _, window := range f.party {
			f.union.add(l.starts(window))
		}
	}
	return f.union.appendTo(dst)
}

// SlotsWithHosts yields the starts that [Finder.Slots] appends, each with the hosts
// who are free for the slot: ascending indexes of team.Hosts, in a slice that holds
// until the next slot. In round robin these may be more hosts than the slot is laid
// for: whoever is free can take it. The Finder is in use until the end.
func (f *Finder) SlotsWithHosts(q Query, r Rules, team Team) iter.Seq2[int64, []int] {
	return func(yield func(int64, []int) bool) {
		f.starts = f.Slots(f.starts[:0], q, r, team)
		for _, start := range f.starts {
			slot := span.Span{Start: start, End: start + seconds(r.Length)}
			f.hosts = f.hosts[:0]
			for i := range f.free {
				for len(f.free[i]) > 0 && f.free[i][0].End < slot.End {
					f.free[i] = f.free[i][1:] // later slots end later still
				}
				if len(f.free[i]) > 0 && f.free[i][0].Contains(slot) {
					f.hosts = append(f.hosts, i)
				}
			}
			if !yield(start, f.hosts) {
				return
			}
		}
	}
}

// meet finds out when each host is free, and when all are who take part in every
// booking.
func (f *Finder) meet(q Query, r Rules, team Team) {
	f.free, f.windows = f.free[:0], f.windows[:0]
	f.common = append(f.common[:0], q.Within)
	before, after := seconds(r.BufferBefore), seconds(r.BufferAfter)
	for _, h := range team.Hosts {
		f.spare = f.spare[:0]
		for _, b := range h.Busy {
			f.spare = append(f.spare, b.blocks(before, after))
		}
		n := len(f.windows)
		f.windows = span.Subtract(f.windows, h.Open, span.Merge(f.spare))
		free := f.windows[n:]
		f.free = append(f.free, free)
		if !team.takesTurns(h) {
			f.spare = span.Intersect(f.spare[:0], f.common, free)
			f.common, f.spare = f.spare, f.common
		}
	}
}
