// Package availability finds the times that can be booked. It is pure: it reads
// neither clock nor storage.
//
// [Hours] are wall-clock opening hours, which become open spans of time. A [Host]
// has open spans and [Busy] times; what is left is free. A [Finder] lays starts over
// the free time of a [Team], and [Check] tells whether one start can be booked.
//
// # The slot rule
//
// The grid is the largest of 60, 30, 20, 15, 10 and 5 minutes that divides the step,
// else 1 minute. The first start of a free window is the window's start, or now and
// the notice if that is later, rounded up to the grid on the booker's clock, plus the
// offset. The others follow at distances of step and offset, as long as the whole
// length fits the window.
package availability

import _ "time/tzdata" // provided.al2023 has no zone files; the binary brings its own
