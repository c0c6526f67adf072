package availability

import (
	"fmt"
	"time"
)

const (
	minutesPerDay = 24 * 60
	secondsPerDay = 24 * 60 * 60
)

// A Clock is a span of a local day: minutes since local midnight [Start, End), each
// from 0 to 1440. One that does not end after its start is empty.
type Clock struct{ Start, End int }

// String returns c as "09:30-17:00".
func (c Clock) String() string { return FormatClock(c.Start) + "-" + FormatClock(c.End) }

// ParseClock returns the minutes since midnight of a time of day "HH:MM", from
// "00:00" to "24:00".
func ParseClock(s string) (int, error) {
	if s == "24:00" {
		return minutesPerDay, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, fmt.Errorf("%q is not a time of day, HH:MM", s)
	}
	return t.Hour()*60 + t.Minute(), nil
}

// FormatClock returns minutes since midnight as "HH:MM"; it is the inverse of
// [ParseClock].
func FormatClock(minutes int) string {
	return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}

// A Date is a day of the calendar, in no time zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads a date "2006-01-02". It refuses days that no calendar has.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date, YYYY-MM-DD", s)
	}
	return dateOf(t), nil
}

// String returns d as "2006-01-02".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// MarshalText returns d as [Date.String] does; the error is always nil.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what [ParseDate] reads.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}

// dateOf returns the date that t shows in its own zone.
func dateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// A dayNumber counts the days of the calendar from 1970-01-01.
type dayNumber int64

// midnight returns the start of the day as a wall time (see [zone]).
func (d dayNumber) midnight() int64 { return int64(d) * secondsPerDay }

// date returns the day as a Date.
func (d dayNumber) date() Date { return dateOf(time.Unix(d.midnight(), 0).UTC()) }

// weekday returns the day of the week.
func (d dayNumber) weekday() time.Weekday {
	const first = int64(time.Thursday) // 1970-01-01
	return time.Weekday(((int64(d)+first)%7 + 7) % 7)
}
