package allowlist_test

import (
	"net/netip"
	"strings"
	"testing"

	"keyslot/shared/allowlist"
)

func TestAllow(t *testing.T) {
	for _, tt := range []struct {
		name    string
		list    []string
		address string
		want    bool
	}{
		{"D-19: an empty list admits all", nil, "203.0.113.7", true},
		{"D-18: the address itself", []string{"203.0.113.7"}, "203.0.113.7", true},
		{"another address", []string{"203.0.113.7"}, "203.0.113.8", false},
		{"an address that begins alike", []string{"203.0.113.7"}, "203.0.113.77", false},
		{"D-18: a range with *", []string{"203.0.113.*"}, "203.0.113.255", true},
		{"outside the range", []string{"203.0.113.*"}, "203.0.114.1", false},
		{"* in the middle", []string{"10.*.0.1"}, "10.77.0.1", true},
		{"* in the middle, another end", []string{"10.*.0.1"}, "10.77.0.2", false},
		{"any IPv4 address", []string{"*.*.*.*"}, "198.51.100.1", true},
		{"any IPv4 address is no IPv6 address", []string{"*.*.*.*"}, "2001:db8::1", false},
		{"a block", []string{"203.0.112.0/23"}, "203.0.113.9", true},
		{"outside the block", []string{"203.0.112.0/23"}, "203.0.114.0", false},
		{"one of several", []string{"192.0.2.1", "203.0.113.0/24"}, "203.0.113.9", true},
		{"IPv6", []string{"2001:db8::1"}, "2001:db8:0:0:0:0:0:1", true},
		{"an IPv6 block", []string{"2001:db8::/32"}, "2001:db8:ffff::1", true},
		{"an IPv6 range with *", []string{"2001:db8:*"}, "2001:db8:ffff::1", true},
		{"outside the IPv6 range", []string{"2001:db8:*"}, "2001:db9::1", false},
		{"IPv4 in IPv6's form", []string{"203.0.113.7"}, "::ffff:203.0.113.7", true},
		{"an unreadable entry admits nothing", []string{"everything"}, "203.0.113.7", false},
		{"an unreadable address is not admitted", []string{"*.*.*.*"}, "localhost", false},
		{"an empty address is not admitted", []string{"0.0.0.0/0"}, "", false},
	} {
		if got := allowlist.Allow(tt.list, tt.address); got != tt.want {
			t.Errorf("%s: Allow(%v, %s) = %v", tt.name, tt.list, tt.address, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"", "*", "203.0.113", "203.0.113.", "203.0.*", "203.0.113.256", "203.0.113.07", "203.0.113.1*", "203.0.113.7/33",
		"203.0.113.*/24", "2001:db8:*:1", "2001::*", "2001:db8:1:2:3:4:5:6:*", "fe80::1%eth0", "example.com", "203.0.113.7 ",
	} {
		if e, err := allowlist.Parse(text); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", text, e)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"203.0.113.7", "203.0.113.*", "2001:db8:*", "203.0.113.0/24", "::ffff:1.2.3.4", "*.*.*.*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := allowlist.Parse(text)
		if err != nil {
			return
		}
		if a, err := netip.ParseAddr(text); err == nil && !e.Contains(a) {
			t.Errorf("Parse(%q) does not contain the address itself", text)
		}
		if strings.ContainsAny(text, " \t\n") {
			t.Errorf("Parse(%q) takes white space", text)
		}
	})
}
