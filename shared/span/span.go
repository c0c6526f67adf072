// Package span is arithmetic on half-open spans of time.
//
// A set, as the functions on slices take and return it, holds the spans that it
// covers in order: none of them is empty, none overlaps or touches the next. [Merge]
// makes a set of any spans. The functions that return a new set append it to dst,
// which must not share memory with their other arguments; a buffer that is used
// again makes them free of allocations.
package span

import (
	"cmp"
	"slices"
	"time"
)

// A Span is a half-open span of time [Start, End) in Unix seconds (UTC). The zero
// Span is empty.
type Span struct{ Start, End int64 }

// Of returns the span from start to end, both cut to the whole second.
func Of(start, end time.Time) Span {
	return Span{start.Unix(), end.Unix()}
}

// StartTime returns the start in UTC.
func (s Span) StartTime() time.Time { return time.Unix(s.Start, 0).UTC() }

// EndTime returns the end, which is not in s, in UTC.
func (s Span) EndTime() time.Time { return time.Unix(s.End, 0).UTC() }

// String returns s as "[2006-01-02T15:04:05Z, 2006-01-02T15:04:05Z)".
func (s Span) String() string {
	return "[" + s.StartTime().Format(time.RFC3339) + ", " + s.EndTime().Format(time.RFC3339) + ")"
}

// Empty reports whether s covers no time: it ends where it starts, or before.
func (s Span) Empty() bool { return s.Start >= s.End }

// Overlaps reports whether s and o have time in common. Spans that only touch do
// not, and an empty span overlaps nothing.
//
//	s     |-------|              |-------|
//	o         |-------|                  |-------|
//	      true                   false
func (s Span) Overlaps(o Span) bool { return !s.Intersect(o).Empty() }

// Contains reports whether all of o lies in s.
//
//	s     |-------|      |-------|      |-------|
//	o       |---|        |-------|          |-------|
//	      true           true           false
func (s Span) Contains(o Span) bool { return s.Start <= o.Start && o.End <= s.End }

// Intersect returns the time that s and o have in common; an empty span if none.
//
//	s     |-------|
//	o         |-------|
//	=         |---|
func (s Span) Intersect(o Span) Span {
	return Span{max(s.Start, o.Start), min(s.End, o.End)}
}

// Merge makes a set of spans in any order, in place: it returns the front of the
// slice. Spans that overlap or touch become one; empty ones vanish.
//
//	spans   |-----|     |---|        |
//	            |-----|     |---|
//	=       |---------| |-------|
func Merge(spans []Span) []Span {
	for i := 1; i < len(spans); i++ {
		if spans[i].Start < spans[i-1].Start {
			slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
			break
		}
	}
	set := spans[:0]
	for _, s := range spans {
		last := len(set) - 1
		switch {
		case s.Empty():
		case last >= 0 && s.Start <= set[last].End:
			set[last].End = max(set[last].End, s.End)
		default:
			set = append(set, s)
		}
	}
	return set
}

// Intersect appends the time that is in both sets a and b to dst.
//
//	a     |-------|   |-------|
//	b         |-----------|
//	=         |---|   |---|
func Intersect(dst, a, b []Span) []Span {
	for len(a) > 0 && len(b) > 0 {
		if s := a[0].Intersect(b[0]); !s.Empty() {
			dst = append(dst, s)
		}
		if a[0].End < b[0].End { // what ends first meets nothing more
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return dst
}

// Subtract appends the time of set a that is not in set b to dst.
//
//	a     |-----------------|
//	b   |---|   |---|   |---|
//	=       |---|   |---|
func Subtract(dst, a, b []Span) []Span {
	for _, s := range a {
		// Cut off the front of s with each span of b that reaches into it.
		for ; len(b) > 0 && b[0].Start < s.End; b = b[1:] {
			if s.Start < b[0].Start {
				dst = append(dst, Span{s.Start, b[0].Start})
			}
			s.Start = max(s.Start, b[0].End)
			if b[0].End > s.End {
				break // it may reach into the next span of a
			}
		}
		if !s.Empty() {
			dst = append(dst, s)
		}
	}
	return dst
}
