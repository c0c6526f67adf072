package principal

import (
	"fmt"
	"slices"
	"strings"
)

// A Scope is a group of routes and what may be done there, "bookings:read". The
// group "*" stands for all groups, also those of later versions; "*" alone for
// everything (D-14, "All APIs").
type Scope string

// The scopes that routes ask for (design.md §6).
const (
	All               Scope = "*"
	APIKeysRead       Scope = "api-keys:read" //nolint:gosec // the name of a scope
	APIKeysWrite      Scope = "api-keys:write"
	AvailabilityRead  Scope = "availability:read"
	AvailabilityWrite Scope = "availability:write"
	BookingsRead      Scope = "bookings:read"
	BookingsWrite     Scope = "bookings:write"
	EventTypesRead    Scope = "event-types:read"
	EventTypesWrite   Scope = "event-types:write"
)

var groups = []string{"api-keys", "availability", "bookings", "event-types"}

// Scopes is a set of scopes. The empty set allows nothing.
type Scopes []Scope

// ParseScopes returns the set of the given names, or an error that names the first
// one that is unknown.
func ParseScopes(names []string) (Scopes, error) {
	set := make(Scopes, 0, len(names))
	for _, name := range names {
		if !known(name) {
			return nil, fmt.Errorf("unknown scope %q", name)
		}
		set = append(set, Scope(name))
	}
	slices.Sort(set)
	return slices.Compact(set), nil
}

func known(name string) bool {
	group, verb, ok := strings.Cut(name, ":")
	if !ok {
		return name == string(All)
	}
	return (group == "*" || slices.Contains(groups, group)) && (verb == "read" || verb == "write")
}

// Allow reports whether the set covers s.
func (set Scopes) Allow(s Scope) bool {
	_, verb, _ := strings.Cut(string(s), ":")
	for _, have := range set {
		if have == s || have == All || have == Scope("*:"+verb) {
			return true
		}
	}
	return false
}

// Cover reports whether whoever holds set may do all that others allow.
func (set Scopes) Cover(others Scopes) bool {
	for _, s := range others {
		group, verb, named := strings.Cut(string(s), ":")
		switch {
		case slices.Contains(set, All):
		case !named: // everything is covered by everything only
			return false
		case group == "*" && !slices.Contains(set, s):
			return false
		case group != "*" && !set.Allow(Scope(group+":"+verb)):
			return false
		}
	}
	return true
}

// Strings returns the names of the scopes; never nil.
func (set Scopes) Strings() []string {
	names := make([]string, len(set))
	for i, s := range set {
		names[i] = string(s)
	}
	return names
}

// String returns the names, separated by spaces.
func (set Scopes) String() string { return strings.Join(set.Strings(), " ") }
