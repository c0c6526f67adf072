package availability

// A union is a set of starts that is made of runs of them, as windows of several hosts
// give. All starts of a query are whole units from each other, and those of a run are
// one distance apart. A run costs the same however long it is, and the range 4 bytes a
// unit.
//
//	runs    o   o   o   o            change  +1 at the first start of a run, -1 where
//	                o   o   o                the next would follow its last
//	=       o   o   o   o   o        sum     over the places that are distances before:
//	sum     1   1   2   2   1   0            how many runs have a start here
type union struct {
	origin, unit int64   // Unix seconds of the first place; seconds from one place to the next
	distance     int64   // of the starts of a run, seconds
	back         int64   // the same in places
	change       []int32 // at each place
}

// reset empties the union and makes it ready for the starts of q under r.
func (u *union) reset(q Query, r Rules, distance int64) {
	z := zoneAt(q.Booker, q.Within.Start)
	clock := z.offset
	u.unit = r.pitch()
	for z.End < q.Within.End {
		z = zoneAt(q.Booker, z.End)
		u.unit = gcd(u.unit, abs(z.offset-clock)) // a change of the clock may move the grid
	}
	u.origin = floor(q.Within.Start+clock, u.unit) - clock
	u.distance, u.back = distance, distance/u.unit

	places := int((q.Within.End+distance-u.origin)/u.unit) + 1
	if places > cap(u.change) {
		u.change = make([]int32, places)
	}
	u.change = u.change[:places]
	clear(u.change)
}

// add adds the run of starts from first until latest, if there are any.
func (u *union) add(first, latest int64) {
	if latest < first {
		return
	}
	place, length := (first-u.origin)/u.unit, (latest-first)/u.distance+1
	u.change[place]++
	u.change[place+length*u.back]--
}

// appendTo appends the starts to dst in order. It uses up the union.
func (u *union) appendTo(dst []int64) []int64 {
	sum, back := u.change, int(u.back)
	for i := range sum {
		if i >= back {
			sum[i] += sum[i-back]
		}
		if sum[i] > 0 {
			dst = append(dst, u.origin+int64(i)*u.unit)
		}
	}
	return dst
}

func abs(n int64) int64 { return max(n, -n) }
