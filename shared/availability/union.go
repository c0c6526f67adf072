package availability

// A union is a set of starts that is made of runs of them. All starts of a query are
// whole units from each other, and those of a run are one distance apart.
type union struct {
	origin, unit int64 // Unix seconds of the first place; seconds from one place to the next
	distance     int64 // of the starts of a run, seconds
	back         int64 // the same in places

	// change is, for each place, how many runs begin there, less those that are over:
	// that stood at the place one distance before for the last time.
	change []int32
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

// add adds the run of starts from first until latest.
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
	runs, back := u.change, int(u.back)
	for i := range runs {
		if i >= back {
			runs[i] += runs[i-back]
		}
		if runs[i] > 0 {
			dst = append(dst, u.origin+int64(i)*u.unit)
		}
	}
	return dst
}

func abs(n int64) int64 { return max(n, -n) }
