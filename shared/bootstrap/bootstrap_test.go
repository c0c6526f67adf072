package bootstrap_test

import (
	"errors"
	"testing"
	"time"

	"keyslot/shared/apierr"
	"keyslot/shared/bootstrap"
	"keyslot/shared/credential"
	"keyslot/shared/dynamo"
	"keyslot/shared/ids"
	"keyslot/shared/organization"
	"keyslot/shared/principal"
	"keyslot/shared/secret"
	"keyslot/test/fixture"
	"keyslot/test/want"
)

func setup(imported string) bootstrap.Input {
	in := bootstrap.Input{
		Users: []bootstrap.UserInput{{Name: "Ada", Email: "ada@example.com", TimeZone: "Europe/Berlin", Role: organization.Owner}},
		Keys: []bootstrap.KeyInput{
			{Name: "Own", Mode: principal.Live, Scopes: []string{"*"}},
			{Name: "Imported", Mode: principal.Test, Scopes: []string{"bookings:read"}, Value: imported},
		},
	}
	in.Organization.Name, in.Organization.Plan = "Clinic", organization.PlanPlatform
	return in
}

func TestRun(t *testing.T) {
	t.Parallel()
	store, ring := dynamo.Open(), fixture.Ring(t)
	imported := "live_api_key_" + ids.Random(32)
	out, err := bootstrap.Run(t.Context(), store, ring, setup(imported), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if out.Keys[1].Value != imported {
		t.Errorf("the imported key has the value %q", out.Keys[1].Value)
	}
	for i, k := range out.Keys {
		value := secret.New(k.Value)
		form, id := credential.Inspect(value)
		lookup := ""
		if form == credential.Imported {
			lookup = ring.Lookup(value)
		}
		r, err := store.Credential(t.Context(), id, lookup)
		if err != nil {
			t.Fatalf("key %d: %v", i, err)
		}
		if r.ID != k.ID || r.Tenant != (principal.Tenant{Org: out.Organization.ID, Mode: k.Mode}) || r.Scopes.String() != k.Scopes[0] {
			t.Errorf("key %d: stored %+v of %+v", i, r, k)
		}
		if err := r.Verify(value, ring, time.Now()); err != nil {
			t.Errorf("key %d: %v", i, err)
		}
	}
	for _, mode := range principal.Modes() { // B-2; users exist in both modes
		u, err := store.User(t.Context(), principal.Tenant{Org: out.Organization.ID, Mode: mode}, out.Users[0].ID)
		if err != nil || u != out.Users[0] {
			t.Errorf("%s: user %+v, %v; want %+v", mode, u, err, out.Users[0])
		}
	}

	// The same value cannot become a key twice, and nothing of the second attempt stays.
	_, err = bootstrap.Run(t.Context(), store, ring, setup(imported), time.Now())
	if !errors.Is(err, bootstrap.ErrKeyExists) {
		t.Errorf("importing a key twice: %v, want ErrKeyExists", err)
	}
	if _, err := store.Credential(t.Context(), ids.NewAPIKey(), ""); !errors.Is(err, credential.ErrUnknown) {
		t.Errorf("an unknown key: %v, want ErrUnknown", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	store, ring := dynamo.Open(), fixture.Ring(t)
	for _, tt := range []struct {
		name   string
		change func(*bootstrap.Input)
		field  string
	}{
		{"no name", func(in *bootstrap.Input) { in.Organization.Name = "" }, "organization.name"},
		{"an unknown plan", func(in *bootstrap.Input) { in.Organization.Plan = "gold" }, "organization.plan"},
		{"no user", func(in *bootstrap.Input) { in.Users = nil }, ""},
		{"no owner", func(in *bootstrap.Input) { in.Users[0].Role = organization.Member }, "users"},
		{"an unknown role", func(in *bootstrap.Input) {
			in.Users = append(in.Users, bootstrap.UserInput{Name: "B", Email: "b@example.com", TimeZone: "UTC", Role: "king"})
		}, "users[1].role"},
		{"a bad address", func(in *bootstrap.Input) { in.Users[0].Email = "ada" }, "users[0].email"},
		{"an unknown zone", func(in *bootstrap.Input) { in.Users[0].TimeZone = "Mars" }, "users[0].timeZone"},
		{"no key", func(in *bootstrap.Input) { in.Keys = nil }, "keys"},
		{"an unknown mode", func(in *bootstrap.Input) { in.Keys[0].Mode = "prod" }, "keys[0].mode"},
		{"an unknown scope", func(in *bootstrap.Input) { in.Keys[0].Scopes = []string{"money:write"} }, "keys[0].scopes"},
		{"a short value", func(in *bootstrap.Input) { in.Keys[1].Value = "hunter2" }, "keys[1].value"},
		{"an own value", func(in *bootstrap.Input) {
			in.Keys[1].Value = credential.NewValue(ids.NewAPIKey(), principal.Live).Reveal()
		}, "keys[1].value"},
	} {
		in := setup("live_api_key_" + ids.Random(32))
		tt.change(&in)
		_, err := bootstrap.Run(t.Context(), store, ring, in, time.Now())
		t.Run(tt.name, func(t *testing.T) { want.Code(t, err, apierr.ValidationFailed, tt.field) })
	}
}
