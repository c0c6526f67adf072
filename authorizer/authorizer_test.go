package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/credential"
	"keyslot/shared/ids"
	"keyslot/shared/pepper"
	"keyslot/shared/principal"
	"keyslot/shared/secret"
)

const (
	vectorKey = "test_api_key_foobar" // T-12
	methodARN = "arn:aws:execute-api:eu-central-1:123456789012:api1234567/live/GET/v1/bookings"
)

// fakeKeys is a credential store in memory that counts its reads.
type fakeKeys struct {
	records map[string]credential.Record // by key id or lookup
	reads   int
	err     error
}

func (f *fakeKeys) Credential(_ context.Context, keyID, lookup string) (credential.Record, error) {
	f.reads++
	if f.err != nil {
		return credential.Record{}, f.err
	}
	if lookup != "" {
		keyID = lookup
	}
	r, ok := f.records[keyID]
	if !ok {
		return credential.Record{}, credential.ErrUnknown
	}
	return r, nil
}

// fakePeppers has an old ring, and the one that a refresh gives.
type fakePeppers struct {
	ring, fresh pepper.Ring
	err         error
}

func (f *fakePeppers) Ring(context.Context) (pepper.Ring, error)    { return f.ring, f.err }
func (f *fakePeppers) Refresh(context.Context) (pepper.Ring, error) { return f.fresh, f.err }

func ring(t *testing.T, versions string) pepper.Ring {
	t.Helper()
	r, err := pepper.Parse(secret.New(`{"seed":"` + strings.Repeat("s", 64) + `","versions":[` + versions + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const version2 = `{"version":2,"key":"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk","activateAt":"2026-01-01T00:00:00Z"}`

// newAuthorizer returns an authorizer that knows one own key and T-12's.
func newAuthorizer(t *testing.T) (a *authorizer, keys *fakeKeys, own secret.Text, id string) {
	t.Helper()
	old := ring(t, "")
	keys = &fakeKeys{records: map[string]credential.Record{}}
	id = ids.NewAPIKey()
	own = credential.NewValue(id, principal.Live)
	for _, k := range []struct {
		id    string
		mode  principal.Mode
		value secret.Text
	}{{id, principal.Live, own}, {"key_imported0000", principal.Test, secret.New(vectorKey)}} {
		r := credential.Record{
			ID: k.id, Name: "Website", Tenant: principal.Tenant{Org: "org_1", Mode: k.mode},
			Scopes: principal.Scopes{principal.BookingsRead}, Status: credential.Enabled,
		}
		if err := r.Seal(k.value, old, time.Now()); err != nil {
			t.Fatal(err)
		}
		if r.Lookup != "" {
			keys.records[r.Lookup] = r
		} else {
			keys.records[r.ID] = r
		}
	}
	return &authorizer{keys: keys, peppers: &fakePeppers{ring: old, fresh: ring(t, version2)}}, keys, own, id
}

func ask(header ...string) request {
	r := request{MethodArn: methodARN, MultiValueHeaders: map[string][]string{"x-forwarded-proto": {"https"}}}
	for i := 0; i < len(header); i += 2 {
		r.MultiValueHeaders[header[i]] = append(r.MultiValueHeaders[header[i]], header[i+1])
	}
	return r
}

// effect returns what the policy says of every route of the stage.
func effect(t *testing.T, r response) string {
	t.Helper()
	if len(r.PolicyDocument.Statement) != 1 {
		t.Fatalf("policy has %d statements", len(r.PolicyDocument.Statement))
	}
	s := r.PolicyDocument.Statement[0]
	want := []string{"arn:aws:execute-api:eu-central-1:123456789012:api1234567/live/*/*"}
	if diff := cmp.Diff(want, s.Resource); diff != "" {
		t.Errorf("resource differs (-want +got):\n%s", diff)
	}
	return s.Effect
}

func TestAllow(t *testing.T) {
	a, keys, own, id := newAuthorizer(t)
	basic := base64.StdEncoding.EncodeToString([]byte(":" + own.Reveal()))
	for name, tt := range map[string]struct {
		request request
		keyID   string
	}{
		"B-3, Bearer":                 {ask("Authorization", "Bearer "+own.Reveal()), id},
		"T-4, Basic":                  {ask("authorization", "Basic "+basic), id},
		"T-5, bare":                   {ask("AUTHORIZATION", own.Reveal()), id},
		"T-12, bare base64":           {ask("Authorization", "OnRlc3RfYXBpX2tleV9mb29iYXI="), "key_imported0000"},
		"6.1, the header of its name": {ask("x-jicoo-api-key", own.Reveal()), id},
	} {
		keys.reads = 0
		got, err := a.authorize(t.Context(), tt.request)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if e := effect(t, got); e != "Allow" {
			t.Errorf("%s: %s", name, e)
		}
		caller, err := principal.FromContext(got.Context)
		if err != nil || caller.KeyID != tt.keyID || caller.Org != "org_1" || got.PrincipalID != tt.keyID {
			t.Errorf("%s: caller %+v, %v; want key %s", name, caller, err, tt.keyID)
		}
		if keys.reads != 1 {
			t.Errorf("%s: %d reads, want one", name, keys.reads)
		}
	}
}

func TestRefuse(t *testing.T) {
	var log bytes.Buffer
	defer func(l *slog.Logger) { logger = l }(logger)
	logger = slog.New(slog.NewJSONHandler(&log, nil))

	for _, tt := range []struct {
		name    string
		change  func(*credential.Record)
		request func(own string) request
		reads   int
		reason  string
	}{
		{"malformed", nil, func(string) request { return ask("Authorization", "Digest x") }, 0, "malformed credential"},
		{"two keys", nil, func(own string) request { return ask("Authorization", own, "X-Api-Key", vectorKey) }, 0, "malformed credential"},
		{"not quite the form of a key", nil, func(own string) request { return ask("Authorization", own[:len(own)-1]+"-") }, 1, "unknown credential"},
		{"a changed character, without a read", nil, func(own string) request { return ask("Authorization", swapEnds(own)) }, 0, "wrong checksum"},
		{"unknown", nil, func(string) request {
			return ask("Authorization", credential.NewValue(ids.NewAPIKey(), principal.Live).Reveal())
		}, 1, "unknown credential"},
		{"disabled", func(r *credential.Record) { r.Status = credential.Disabled }, func(own string) request { return ask("Authorization", own) }, 1, "disabled or revoked"},
		{"expired", func(r *credential.Record) { r.ExpiresAt = time.Now().Add(-time.Second) }, func(own string) request { return ask("Authorization", own) }, 1, "expired"},
		{"another key's hash", func(r *credential.Record) { r.Hash = bytes.Repeat([]byte{1}, 32) }, func(own string) request { return ask("Authorization", own) }, 1, "wrong value"},
		{"J-K8, plain HTTP", nil, func(own string) request {
			r := ask("Authorization", own)
			r.MultiValueHeaders["X-Forwarded-Proto"] = []string{"http"}
			return r
		}, 0, "plain HTTP"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log.Reset()
			a, keys, own, id := newAuthorizer(t)
			if tt.change != nil {
				r := keys.records[id]
				tt.change(&r)
				keys.records[id] = r
			}
			got, err := a.authorize(t.Context(), tt.request(own.Reveal()))
			if err != nil {
				t.Fatal(err)
			}
			if e := effect(t, got); e != "Deny" {
				t.Errorf("effect %s, want Deny", e)
			}
			if len(got.Context) != 0 {
				t.Errorf("a refusal carries the context %v", got.Context)
			}
			if keys.reads != tt.reads {
				t.Errorf("%d reads, want %d", keys.reads, tt.reads)
			}
			if !strings.Contains(log.String(), `"reason":"`+tt.reason+`"`) {
				t.Errorf("log %s lacks the reason %q", log.String(), tt.reason)
			}
			if strings.Contains(log.String(), own.Reveal()) {
				t.Errorf("log shows the key: %s", log.String())
			}
		})
	}
}

// swapEnds exchanges the two ends of a value's random part.
func swapEnds(v string) string {
	b := []byte(v)
	i, j := len("sk_live_")+12, len(v)-7
	b[i], b[j] = b[j], b[i]
	if b[i] == b[j] {
		b[i] = 'A' + (b[i]-'A'+1)%26
	}
	return string(b)
}

// D-16: who is known, but calls from elsewhere, may do nothing.
func TestAllowlist(t *testing.T) {
	for address, want := range map[string]bool{"203.0.113.7": true, "198.51.100.1": false, "": false} {
		a, keys, own, id := newAuthorizer(t)
		r := keys.records[id]
		r.Allowlist = []string{"203.0.113.*"}
		keys.records[id] = r
		request := ask("Authorization", own.Reveal(), "X-Forwarded-For", "203.0.113.7") // which a client can write
		request.RequestContext.Identity.SourceIP = address
		got, err := a.authorize(t.Context(), request)
		if err != nil || effect(t, got) != "Allow" {
			t.Fatalf("from %q: %+v, %v", address, got, err)
		}
		caller, err := principal.FromContext(got.Context)
		if err != nil || caller.Scopes.Allow(principal.BookingsRead) != want {
			t.Errorf("from %q: scopes %v, %v; want any: %v", address, caller.Scopes, err, want)
		}
	}
}

func TestNoCredential(t *testing.T) {
	a, _, _, _ := newAuthorizer(t)
	_, err := a.authorize(t.Context(), ask())
	if err == nil || err.Error() != "Unauthorized" { // the gateway compares this text
		t.Errorf("error %q, want Unauthorized", fmt.Sprint(err))
	}
}

// An outage is no refusal: the caller must get a 5xx, not a 401.
func TestOutage(t *testing.T) {
	outage := errors.New("no route to host")
	for name, breakIt := range map[string]func(*authorizer){
		"of the keys":    func(a *authorizer) { a.keys = &fakeKeys{err: outage} },
		"of the peppers": func(a *authorizer) { a.peppers = &fakePeppers{err: outage} },
	} {
		a, _, own, _ := newAuthorizer(t)
		breakIt(a)
		got, err := a.authorize(t.Context(), ask("Authorization", own.Reveal()))
		if !errors.Is(err, outage) || err.Error() == "Unauthorized" {
			t.Errorf("%s: authorize = %+v, %v; want the outage", name, got, err)
		}
	}
}

func TestUnknownPepperIsReadAnew(t *testing.T) {
	a, keys, own, id := newAuthorizer(t)
	r := keys.records[id]
	if err := r.Seal(own, ring(t, version2), time.Now()); err != nil {
		t.Fatal(err)
	}
	if r.Pepper != 2 {
		t.Fatalf("sealed under version %d, want 2", r.Pepper)
	}
	keys.records[id] = r
	got, err := a.authorize(t.Context(), ask("Authorization", own.Reveal()))
	if err != nil || effect(t, got) != "Allow" {
		t.Errorf("authorize = %+v, %v; want Allow", got, err)
	}

	r.Pepper = 3 // no ring has it: damaged data, which is no refusal either
	keys.records[id] = r
	if got, err := a.authorize(t.Context(), ask("Authorization", own.Reveal())); !errors.Is(err, credential.ErrPepper) {
		t.Errorf("authorize = %+v, %v; want ErrPepper", got, err)
	}
}
