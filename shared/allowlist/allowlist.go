// Package allowlist says from which addresses a key may be used (D-16…D-21).
package allowlist

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Max is the greatest number of entries of one list (D-20).
const Max = 50

// ErrEntry means that a text is none of the forms of an entry.
var ErrEntry = errors.New("must be an address, a range with *, or a CIDR block")

// An Entry is a set of addresses:
//
//	203.0.113.7          one address, also of IPv6
//	203.0.113.0/24       a CIDR block, also of IPv6
//	203.0.113.*          IPv4: each part is a number, or * for any (D-18)
//	2001:db8:*           IPv6: some whole groups, then * for the rest
type Entry struct {
	prefix netip.Prefix
	parts  [4]int16 // of an IPv4 range with *: a number, or any; else unused
	ranged bool
}

const anyPart = -1

// Parse reads an entry. The error is ErrEntry.
func Parse(text string) (Entry, error) {
	switch {
	case strings.Contains(text, "*") && strings.Contains(text, ":"):
		return parseRange6(text)
	case strings.Contains(text, "*"):
		return parseRange4(text)
	case strings.Contains(text, "/"):
		p, err := netip.ParsePrefix(text)
		if err != nil || p.Addr().Is4In6() {
			return Entry{}, ErrEntry
		}
		return Entry{prefix: p.Masked()}, nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return Entry{}, ErrEntry
	}
	a = a.Unmap()
	return Entry{prefix: netip.PrefixFrom(a, a.BitLen())}, nil
}

func parseRange4(text string) (Entry, error) {
	texts := strings.Split(text, ".")
	if len(texts) != 4 {
		return Entry{}, ErrEntry
	}
	e := Entry{ranged: true}
	for i, part := range texts {
		if part == "*" {
			e.parts[i] = anyPart
			continue
		}
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil || strconv.FormatUint(n, 10) != part {
			return Entry{}, ErrEntry
		}
		e.parts[i] = int16(n)
	}
	return e, nil
}

func parseRange6(text string) (Entry, error) {
	groups, ok := strings.CutSuffix(text, ":*")
	n := strings.Count(groups, ":") + 1
	if !ok || strings.Contains(text, "::") || strings.ContainsAny(groups, "*.") || n > 7 {
		return Entry{}, ErrEntry
	}
	a, err := netip.ParseAddr(groups + strings.Repeat(":0", 8-n))
	if err != nil {
		return Entry{}, ErrEntry
	}
	return Entry{prefix: netip.PrefixFrom(a, 16*n)}, nil
}

// Contains reports whether the entry has the address. An IPv4 address in IPv6's
// form, ::ffff:203.0.113.7, is the IPv4 address.
func (e Entry) Contains(a netip.Addr) bool {
	a = a.Unmap()
	if !e.ranged {
		return e.prefix.Contains(a)
	}
	if !a.Is4() {
		return false
	}
	for i, b := range a.As4() {
		if e.parts[i] != anyPart && e.parts[i] != int16(b) {
			return false
		}
	}
	return true
}

// Allow reports whether a list admits an address, as the gateway reports it. An empty
// list admits all (D-19). What cannot be read, entry or address, admits nothing.
func Allow(list []string, address string) bool {
	if len(list) == 0 {
		return true
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(list, func(text string) bool {
		e, err := Parse(text)
		return err == nil && e.Contains(a)
	})
}
