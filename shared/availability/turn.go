package availability

import "cmp"

// A Turn is what decides which of several free hosts gets a booking in round robin.
type Turn struct {
	Priority   int   // the higher, the sooner
	Weight     int   // share of the bookings, in percent of a usual host's; 0: 100
	Booked     int   // bookings that the host has got in the period to balance
	LastBooked int64 // Unix seconds of when it got the last one; 0: never
}

// Next returns which of the hosts who are free, as [Finder.SlotsWithHosts] gives
// them, is to get the booking in round robin: of those who are not fixed, one of the
// highest priority; of these, the one with the fewest bookings for its weight; then
// the one who waited longest; then the first. It returns -1 if all are fixed.
func Next(hosts []Host, free []int) int {
	next := -1
	for _, i := range free {
		if !hosts[i].Fixed && (next < 0 || hosts[i].before(hosts[next].Turn) < 0) {
			next = i
		}
	}
	return next
}

// before compares claims: it is negative if t goes before o.
func (t Turn) before(o Turn) int {
	return cmp.Or(
		cmp.Compare(o.Priority, t.Priority),
		// t.Booked/t.Weight against o.Booked/o.Weight, without the rounding
		cmp.Compare(t.Booked*o.weight(), o.Booked*t.weight()),
		cmp.Compare(t.LastBooked, o.LastBooked),
	)
}

func (t Turn) weight() int { return cmp.Or(t.Weight, 100) }
