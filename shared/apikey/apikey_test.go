package apikey_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/apierr"
	"keyslot/shared/apikey"
	"keyslot/shared/credential"
	"keyslot/shared/dynamo"
	"keyslot/shared/ids"
	"keyslot/shared/page"
	"keyslot/shared/pepper"
	"keyslot/shared/principal"
	"keyslot/shared/secret"
	"keyslot/test/fixture"
	"keyslot/test/want"
)

// peppers is a ring that never changes.
type peppers struct{ ring pepper.Ring }

func (p peppers) Ring(context.Context) (pepper.Ring, error) { return p.ring, nil }

func world(t *testing.T) (fixture.World, *apikey.Service) {
	t.Helper()
	w := fixture.New(t, dynamo.Open())
	return w, apikey.NewService(w.Store, peppers{fixture.Ring(t)})
}

func create(t *testing.T, s *apikey.Service, caller principal.Principal, in apikey.CreateInput) apikey.Created {
	t.Helper()
	k, err := s.Create(t.Context(), caller, in)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestCreate(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	oneClick := create(t, s, w.Caller, apikey.CreateInput{}) // D-4: no input needed
	if oneClick.Name == "" || oneClick.Status != credential.Enabled || oneClick.ExpiresAt != nil || len(oneClick.Allowlist) != 0 ||
		oneClick.Mode != principal.Live || cmp.Diff([]string{"*"}, oneClick.Scopes) != "" {
		t.Errorf("key of one click: %+v", oneClick)
	}
	value := secret.New(*oneClick.Value)
	if form, id := credential.Inspect(value); form != credential.Own || id != oneClick.ID {
		t.Errorf("the value is of form %v, of key %s", form, id)
	}
	r, err := w.Store.Credential(t.Context(), oneClick.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Verify(value, fixture.Ring(t), time.Now()); err != nil {
		t.Errorf("the value does not fit its hash: %v", err)
	}

	expiry := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	all := create(t, s, w.Caller, apikey.CreateInput{
		Name: new("Website"), Scopes: &[]string{"bookings:write", "bookings:read"}, Allowlist: []string{"203.0.113.*"}, ExpiresAt: new(expiry.Format(time.RFC3339)),
	})
	expected := apikey.Key{
		ID: all.ID, Name: "Website", Mode: principal.Live, Mask: all.Mask, Scopes: []string{"bookings:read", "bookings:write"},
		Allowlist: []string{"203.0.113.*"}, Status: credential.Enabled, ExpiresAt: &expiry, CreatedAt: all.CreatedAt, UpdatedAt: all.CreatedAt,
	}
	got, err := s.Get(t.Context(), w.Caller, apikey.IDInput{ID: all.ID})
	if diff := cmp.Diff(expected, got); diff != "" || err != nil {
		t.Errorf("stored key differs: %v (-want +got):\n%s", err, diff)
	}
	if !strings.HasPrefix(got.Mask, "sk_live_…") || !strings.HasSuffix(*all.Value, strings.TrimPrefix(got.Mask, "sk_live_…")) {
		t.Errorf("mask %q of %q", got.Mask, *all.Value)
	}
}

func TestRetryShowsNoValue(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	first := create(t, s, w.Caller, apikey.CreateInput{IdempotencyKey: "k"})
	again := create(t, s, w.Caller, apikey.CreateInput{IdempotencyKey: "k"})
	if again.ID != first.ID || again.Value != nil {
		t.Errorf("second answer: key %s with value %v, want key %s without one: it stands in no table", again.ID, again.Value != nil, first.ID)
	}
}

func TestLife(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	in := apikey.IDInput{ID: create(t, s, w.Caller, apikey.CreateInput{}).ID}
	for _, step := range []struct {
		name string
		do   func(context.Context, principal.Principal, apikey.IDInput) (apikey.Key, error)
		want credential.Status // "": refused
		code apierr.Code
	}{
		{"D-27: an enabled key is not deleted", s.Delete, "", apierr.KeyEnabled},
		{"disable", s.Disable, credential.Disabled, ""},
		{"disable again", s.Disable, credential.Disabled, ""},
		{"D-22: a disabled key can be enabled again", s.Enable, credential.Enabled, ""},
		{"revoke", s.Revoke, credential.Revoked, ""},
		{"revoke again", s.Revoke, credential.Revoked, ""},
		{"a revoked key is not enabled", s.Enable, "", apierr.InvalidState},
		{"a revoked key is not disabled", s.Disable, "", apierr.InvalidState},
		{"D-25: delete", s.Delete, credential.Revoked, ""},
		{"gone", s.Get, "", apierr.NotFound},
		{"deleting what is gone", s.Delete, "", apierr.NotFound},
	} {
		got, err := step.do(t.Context(), w.Caller, in)
		t.Run(step.name, func(t *testing.T) {
			if step.code != "" {
				want.Code(t, err, step.code, "")
			} else if err != nil || got.Status != step.want {
				t.Errorf("got %+v, %v; want %s", got, err, step.want)
			}
		})
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	made := create(t, s, w.Caller, apikey.CreateInput{Allowlist: []string{"192.0.2.1"}})
	update := func(in apikey.UpdateInput) apikey.Key {
		t.Helper()
		in.ID = made.ID
		k, err := s.Update(t.Context(), w.Caller, in)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	expected := made.Key
	expected.Name = "New"
	if diff := cmp.Diff(expected, update(apikey.UpdateInput{Name: new("New")})); diff != "" { // D-8; the rest stays
		t.Errorf("renamed key differs (-want +got):\n%s", diff)
	}
	k := update(apikey.UpdateInput{Scopes: &[]string{"*:read"}, Allowlist: &[]string{}, ExpiresAt: new("2099-01-01T00:00:00Z")})
	if k.Scopes[0] != "*:read" || len(k.Allowlist) != 0 || k.ExpiresAt == nil || k.Mask != made.Mask {
		t.Errorf("changed key: %+v", k)
	}
	if k := update(apikey.UpdateInput{ExpiresAt: new("")}); k.ExpiresAt != nil {
		t.Errorf("the expiry is still %v", k.ExpiresAt)
	}
	r, err := w.Store.Credential(t.Context(), made.ID, "")
	if err != nil || r.Verify(secret.New(*made.Value), fixture.Ring(t), time.Now()) != nil {
		t.Errorf("D-6: the value changed with the key: %v", err)
	}
}

func TestClone(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	of := create(t, s, w.Caller, apikey.CreateInput{Name: new("Of"), Scopes: &[]string{"bookings:read"}, Allowlist: []string{"203.0.113.*"}})
	clone, err := s.Clone(t.Context(), w.Caller, apikey.CloneInput{ID: of.ID})
	if err != nil {
		t.Fatal(err)
	}
	if clone.ID == of.ID || *clone.Value == *of.Value || cmp.Diff(of.Scopes, clone.Scopes)+cmp.Diff(of.Allowlist, clone.Allowlist) != "" {
		t.Errorf("D-24: clone %+v of %+v", clone, of)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	for _, tt := range []struct {
		name  string
		in    apikey.CreateInput
		field string
	}{
		{"an empty name", apikey.CreateInput{Name: new(" ")}, "name"},
		{"an unknown scope", apikey.CreateInput{Scopes: &[]string{"money:write"}}, "scopes"},
		{"no scope", apikey.CreateInput{Scopes: &[]string{}}, "scopes"},
		{"a bad entry", apikey.CreateInput{Allowlist: []string{"192.0.2.1", "example.com"}}, "allowlist[1]"},
		{"D-20: 51 entries", apikey.CreateInput{Allowlist: strings.Fields(strings.Repeat("192.0.2.1 ", 51))}, "allowlist"},
		{"an expiry in the past", apikey.CreateInput{ExpiresAt: new("2020-01-01T00:00:00Z")}, "expiresAt"},
		{"an expiry that is no time", apikey.CreateInput{ExpiresAt: new("tomorrow")}, "expiresAt"},
	} {
		_, err := s.Create(t.Context(), w.Caller, tt.in)
		t.Run(tt.name, func(t *testing.T) { want.Code(t, err, apierr.ValidationFailed, tt.field) })
	}
	if p, err := s.List(t.Context(), w.Caller, page.Request{}); err != nil || len(p.Items) != 1 { // the fixture's
		t.Errorf("refusals left %d keys, %v; want 1", len(p.Items), err)
	}
}

// A key cannot make a key that may more than itself, by any route.
func TestNoKeyExceedsItsMaker(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	strong := create(t, s, w.Caller, apikey.CreateInput{})
	weak := create(t, s, w.Caller, apikey.CreateInput{Scopes: &[]string{"bookings:read"}})
	maker := w.Caller
	maker.Scopes = principal.Scopes{principal.APIKeysRead, principal.APIKeysWrite, principal.BookingsRead}

	if k := create(t, s, maker, apikey.CreateInput{}); cmp.Diff(maker.Scopes.Strings(), k.Scopes) != "" {
		t.Errorf("a key of one click may %v, its maker %v", k.Scopes, maker.Scopes)
	}
	if _, err := s.Disable(t.Context(), w.Caller, apikey.IDInput{ID: strong.ID}); err != nil {
		t.Fatal(err)
	}
	for name, do := range map[string]func() error{
		"create": func() error {
			_, err := s.Create(t.Context(), maker, apikey.CreateInput{Scopes: &[]string{"bookings:write"}})
			return err
		},
		"update": func() error {
			_, err := s.Update(t.Context(), maker, apikey.UpdateInput{ID: weak.ID, Scopes: &[]string{"*"}})
			return err
		},
		"clone": func() error {
			_, err := s.Clone(t.Context(), maker, apikey.CloneInput{ID: strong.ID})
			return err
		},
		"enable": func() error {
			_, err := s.Enable(t.Context(), maker, apikey.IDInput{ID: strong.ID})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { want.Code(t, do(), apierr.Forbidden, "") })
	}
	reader := w.Caller
	reader.Scopes = principal.Scopes{principal.APIKeysRead}
	_, err := s.Revoke(t.Context(), reader, apikey.IDInput{ID: weak.ID})
	want.Code(t, err, apierr.Forbidden, "")
}

func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	stranger, _ := world(t)
	made := create(t, s, w.Caller, apikey.CreateInput{})
	inTest := w.Caller
	inTest.Mode = principal.Test
	for name, caller := range map[string]principal.Principal{"another tenant": stranger.Caller, "the other mode": inTest} {
		for verb, do := range map[string]func(context.Context, principal.Principal, apikey.IDInput) (apikey.Key, error){
			"get": s.Get, "disable": s.Disable, "revoke": s.Revoke, "delete": s.Delete,
		} {
			_, err := do(t.Context(), caller, apikey.IDInput{ID: made.ID})
			t.Run(name+" cannot "+verb, func(t *testing.T) { want.Code(t, err, apierr.NotFound, "") })
		}
		p, err := s.List(t.Context(), caller, page.Request{})
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range p.Items {
			if k.ID == made.ID {
				t.Errorf("%s lists the key", name)
			}
		}
	}
}

// D-5: 40 who make keys at the same time, when there are 490, end with exactly 500.
func TestLimitUnderConcurrency(t *testing.T) {
	t.Parallel()
	w, s := world(t)
	for range 490 - 1 { // the fixture has one
		create(t, s, w.Caller, apikey.CreateInput{})
	}
	var made, refused atomic.Int32
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			for {
				_, err := s.Create(t.Context(), w.Caller, apikey.CreateInput{})
				switch {
				case err == nil:
					made.Add(1)
				case apierr.Is(err, apierr.KeyLimit):
					refused.Add(1)
				case apierr.Is(err, apierr.Unavailable): // it may be tried again
					continue
				default:
					t.Errorf("create: %v", err)
				}
				return
			}
		})
	}
	all.Wait()
	if made.Load() != 10 || refused.Load() != 30 {
		t.Errorf("%d made and %d refused, want 10 and 30", made.Load(), refused.Load())
	}
	seen := map[string]bool{}
	request := page.Request{Limit: new(100)}
	for {
		p, err := s.List(t.Context(), w.Caller, request)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range p.Items {
			seen[k.ID] = true
		}
		if request.Cursor = p.Next; p.Next == "" {
			break
		}
	}
	if len(seen) != apikey.Max {
		t.Errorf("%d keys are listed, want %d", len(seen), apikey.Max)
	}

	// The other mode counts too; who deletes one may make another.
	inTest := w.Caller
	inTest.Mode = principal.Test
	_, err := s.Create(t.Context(), inTest, apikey.CreateInput{})
	want.Code(t, err, apierr.KeyLimit, "")
	var victim string
	for id := range seen {
		if id != w.Caller.KeyID {
			victim = id
			break
		}
	}
	for _, do := range []func(context.Context, principal.Principal, apikey.IDInput) (apikey.Key, error){s.Revoke, s.Delete} {
		if _, err := do(t.Context(), w.Caller, apikey.IDInput{ID: victim}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Create(t.Context(), inTest, apikey.CreateInput{}); err != nil {
		t.Errorf("after a deletion: %v", err)
	}
	if !ids.Is(ids.APIKey, victim) {
		t.Errorf("key %q", victim)
	}
}
