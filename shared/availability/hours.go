package availability

import (
	"time"

	"keyslot/shared/span"
)

// Hours are the wall-clock opening hours of one calendar. They are plain data and may
// be kept and used by several goroutines, as long as none changes them.
type Hours struct {
	// Zone is that of the wall clock; nil is UTC.
	Zone *time.Location
	// Weekly are the hours of each [time.Weekday], in any order; they may overlap.
	Weekly [7][]Clock
	// Overrides replace the weekly hours of a date. An empty list means closed.
	Overrides map[Date][]Clock
}

// Open appends the open spans within a finite span to dst, as a set: merged, in order
// and clipped. Hours that the clock skips are not open. A wall time that it repeats
// opens or closes when it comes first.
func (h Hours) Open(dst []span.Span, within span.Span) []span.Span {
	// A clock set back may show a day again that within still has a part of. No clock
	// was ever set back by more than a day.
	from := within.Start - secondsPerDay
	z := zoneAt(h.Zone, from)
	n := len(dst)
	for day := z.day(from); ; day++ {
		midnight := day.midnight()
		start := z.instant(midnight)
		if start >= within.End {
			return dst[:n+len(span.Merge(dst[n:]))]
		}
		if start >= z.End {
			z = zoneAt(h.Zone, start)
		}
		clocks := h.Weekly[day.weekday()]
		if len(h.Overrides) > 0 {
			if override, ok := h.Overrides[day.date()]; ok {
				clocks = override
			}
		}
		for _, c := range clocks {
			open := span.Span{
				Start: z.instant(midnight + int64(c.Start)*60),
				End:   z.instant(midnight + int64(c.End)*60),
			}.Intersect(within)
			if !open.Empty() {
				dst = append(dst, open)
			}
		}
	}
}
