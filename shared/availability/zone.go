package availability

import (
	"cmp"
	"math"
	"time"

	"keyslot/shared/span"
)

// A zone is a stretch of time in which the clock of a location keeps one offset. Zone
// data are looked up once for it; the rest is arithmetic on wall times: what the
// clock shows, in seconds, as if it showed UTC.
type zone struct {
	span.Span
	offset int64 // of the wall time from UTC, seconds
	loc    *time.Location
}

// zoneAt returns the zone of loc at t. A nil loc is UTC.
func zoneAt(loc *time.Location, t int64) zone {
	at := time.Unix(t, 0).In(cmp.Or(loc, time.UTC))
	_, offset := at.Zone()
	z := zone{span.Span{Start: math.MinInt64, End: math.MaxInt64}, int64(offset), loc}
	start, end := at.ZoneBounds()
	if !start.IsZero() {
		z.Start = start.Unix()
	}
	if !end.IsZero() {
		z.End = end.Unix()
	}
	return z
}

// day returns the day that the clock shows at t, which lies in z.
func (z zone) day(t int64) dayNumber {
	return dayNumber(floor(t+z.offset, secondsPerDay) / secondsPerDay)
}

// instant returns the first instant from the start of z on at which the clock shows
// wall or later. A wall time that the clock skips is thus the moment of the change, and
// one that it repeats is its first occurrence; later wall times are never earlier
// instants.
//
//	01:30    01:59|03:00    03:30        02:30    02:59|02:00    02:30
//	              ^ 02:30                ^ 02:30
func (z *zone) instant(wall int64) int64 {
	if t := wall - z.offset; t < z.End {
		return max(t, z.Start)
	}
	next := zoneAt(z.loc, z.End)
	return next.instant(wall)
}

// round returns the first instant from t on at which the clock shows a multiple of
// unit seconds, and moves z there.
func (z *zone) round(t, unit int64) int64 {
	for {
		if t < z.Start || t >= z.End {
			*z = zoneAt(z.loc, t)
		}
		rounded := floor(t+z.offset+unit-1, unit) - z.offset
		if rounded < z.End {
			return rounded
		}
		t = z.End // the clock changes before it shows a multiple
	}
}

// floor returns the largest multiple of unit that is not after t, which may be
// negative.
func floor(t, unit int64) int64 {
	rest := t % unit
	if rest < 0 {
		rest += unit
	}
	return t - rest
}
