package page_test

import (
	"errors"
	"testing"

	"keyslot/shared/page"
	"keyslot/shared/principal"
)

func TestCursorIsBound(t *testing.T) {
	live := principal.Tenant{Org: "org_1", Mode: principal.Live}
	cursor := page.Seal(live, "bookings", "here")
	if got, err := page.Open(live, "bookings", cursor); err != nil || got != "here" {
		t.Errorf("Open = %q, %v; want here", got, err)
	}
	if got, err := page.Open(live, "bookings", ""); err != nil || got != "" {
		t.Errorf("Open of no cursor = %q, %v", got, err)
	}
	for name, open := range map[string]func() (string, error){
		"another query": func() (string, error) { return page.Open(live, "users", cursor) },
		"another mode": func() (string, error) {
			return page.Open(principal.Tenant{Org: "org_1", Mode: principal.Test}, "bookings", cursor)
		},
		"another tenant": func() (string, error) {
			return page.Open(principal.Tenant{Org: "org_2", Mode: principal.Live}, "bookings", cursor)
		},
		"not base64":     func() (string, error) { return page.Open(live, "bookings", "!") },
		"not JSON":       func() (string, error) { return page.Open(live, "bookings", "aGVsbG8") },
		"nothing inside": func() (string, error) { return page.Open(live, "bookings", page.Seal(live, "bookings", "")) },
	} {
		if got, err := open(); !errors.Is(err, page.ErrCursor) {
			t.Errorf("%s: Open = %q, %v; want ErrCursor", name, got, err)
		}
	}
}

func TestLimit(t *testing.T) {
	for _, tt := range []struct {
		limit *int
		size  int
		ok    bool
	}{
		{nil, page.DefaultLimit, true}, {new(1), 1, true}, {new(100), 100, true}, {new(0), 0, false}, {new(101), 0, false}, {new(-1), 0, false},
	} {
		r := page.Request{Limit: tt.limit}
		if err := r.Check(); (err == nil) != tt.ok {
			t.Errorf("Check of %v: %v", tt.limit, err)
		} else if tt.ok && r.Size() != tt.size {
			t.Errorf("Size = %d, want %d", r.Size(), tt.size)
		}
	}
}
