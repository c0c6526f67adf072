// Package check notes what is wrong with the values in an input, field by field.
package check

import (
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"keyslot/shared/apierr"
)

// MaxName is the greatest length of a name or a title, in characters.
const MaxName = 200

// Name wants a name or a title.
func Name(f *apierr.Fields, field, name string) {
	switch {
	case strings.TrimSpace(name) == "":
		f.Add(field, "is required")
	case utf8.RuneCountInString(name) > MaxName:
		f.Add(field, "must have at most %d characters", MaxName)
	}
}

// Text wants a text of at most the given number of characters.
func Text(f *apierr.Fields, field, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		f.Add(field, "must have at most %d characters", most)
	}
}

// Email wants a mail address, alone (RFC 5322; 254 bytes at most, RFC 5321).
func Email(f *apierr.Fields, field, address string) {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Address != address || len(address) > 254 {
		f.Add(field, "must be an e-mail address")
	}
}

// Within wants a number from least to most.
func Within(f *apierr.Fields, field string, n, least, most int) {
	if n < least || n > most {
		f.Add(field, "must be from %d to %d", least, most)
	}
}

// Zone wants the name of an IANA time zone, and returns the zone; UTC otherwise. It
// refuses "" and "Local", which [time.LoadLocation] takes for the machine's.
func Zone(f *apierr.Fields, field, name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		f.Add(field, "must be an IANA time zone, such as Europe/Berlin")
		return time.UTC
	}
	return zone
}

// The years that an instant may be in: all that the tables can sort.
const (
	minYear = 1970
	maxYear = 9998
)

// Instant wants a time in RFC 3339, on a whole second, and returns it in UTC.
func Instant(f *apierr.Fields, field, text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	t = t.UTC()
	if err != nil || t.Nanosecond() != 0 || t.Year() < minYear || t.Year() > maxYear {
		f.Add(field, "must be a time in RFC 3339, such as 2026-11-24T09:00:00Z")
		return time.Time{}
	}
	return t
}
