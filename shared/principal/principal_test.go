package principal_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/apierr"
	"keyslot/shared/principal"
)

func TestScopesAllow(t *testing.T) {
	for _, tt := range []struct {
		name   string
		scopes []string
		scope  principal.Scope
		want   bool
	}{
		{"no scope allows nothing", nil, principal.BookingsRead, false},
		{"everything allows all", []string{"*"}, principal.BookingsWrite, true},
		{"a scope allows itself", []string{"bookings:read"}, principal.BookingsRead, true},
		{"read does not allow write", []string{"bookings:read"}, principal.BookingsWrite, false},
		{"write does not allow read", []string{"bookings:write"}, principal.BookingsRead, false},
		{"one group does not allow another", []string{"bookings:read"}, principal.EventTypesRead, false},
		{"read of all groups", []string{"*:read"}, principal.EventTypesRead, true},
		{"read of all groups is not write", []string{"*:read"}, principal.EventTypesWrite, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			set, err := principal.ParseScopes(tt.scopes)
			if err != nil {
				t.Fatal(err)
			}
			if got := set.Allow(tt.scope); got != tt.want {
				t.Errorf("%v.Allow(%s) = %v, want %v", set, tt.scope, got, tt.want)
			}
			err = principal.Principal{Scopes: set}.Require(tt.scope)
			if got := err == nil; got != tt.want {
				t.Errorf("Require(%s) = %v", tt.scope, err)
			}
			if err != nil && !apierr.Is(err, apierr.Forbidden) {
				t.Errorf("Require(%s) = %v, want FORBIDDEN", tt.scope, err)
			}
		})
	}
}

func TestScopesCover(t *testing.T) {
	for _, tt := range []struct {
		have, others string
		want         bool
	}{
		{"*", "*", true},
		{"*", "*:read bookings:write", true},
		{"*:read", "bookings:read *:read", true},
		{"*:read", "bookings:write", false},
		{"*:read *:write", "*", false}, // what later versions add is in * alone
		{"bookings:read", "*:read", false},
		{"bookings:read", "bookings:read", true},
		{"bookings:read", "", true},
		{"", "bookings:read", false},
	} {
		have, err := principal.ParseScopes(strings.Fields(tt.have))
		if err != nil {
			t.Fatal(err)
		}
		others, err := principal.ParseScopes(strings.Fields(tt.others))
		if err != nil {
			t.Fatal(err)
		}
		if got := have.Cover(others); got != tt.want {
			t.Errorf("%q covers %q: %v, want %v", tt.have, tt.others, got, tt.want)
		}
	}
}

func TestParseScopesRefusesUnknown(t *testing.T) {
	for _, name := range []string{"", "bookings", "bookings:delete", "everything:read", "*:*", "bookings:read:write"} {
		if _, err := principal.ParseScopes([]string{name}); err == nil {
			t.Errorf("ParseScopes(%q) did not fail", name)
		}
	}
}

func TestContextRoundTrip(t *testing.T) {
	want := principal.Principal{
		Tenant:  principal.Tenant{Org: "org_1", Mode: principal.Test},
		Kind:    principal.APIKey,
		KeyID:   "key_1",
		KeyName: "Website",
		User:    "usr_1",
		Scopes:  principal.Scopes{principal.BookingsRead, principal.EventTypesRead},
	}
	got, err := principal.FromContext(want.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("principal differs (-want +got):\n%s", diff)
	}
}

func TestFromContextFailsClosed(t *testing.T) {
	whole := principal.Principal{
		Tenant: principal.Tenant{Org: "org_1", Mode: principal.Live},
		Kind:   principal.APIKey, KeyID: "key_1",
	}.Context()
	for name, change := range map[string]func(map[string]any){
		"no context":     func(m map[string]any) { clear(m) },
		"no org":         func(m map[string]any) { delete(m, "org") },
		"no key":         func(m map[string]any) { m["keyId"] = "" },
		"no mode":        func(m map[string]any) { delete(m, "mode") },
		"unknown mode":   func(m map[string]any) { m["mode"] = "production" },
		"unknown kind":   func(m map[string]any) { m["kind"] = "root" },
		"unknown scope":  func(m map[string]any) { m["scopes"] = "bookings:read bookings:own" },
		"org not a text": func(m map[string]any) { m["org"] = 7 },
	} {
		values := maps.Clone(whole)
		change(values)
		if p, err := principal.FromContext(values); !errors.Is(err, principal.ErrNone) {
			t.Errorf("%s: FromContext = %+v, %v; want ErrNone", name, p, err)
		}
	}
}
