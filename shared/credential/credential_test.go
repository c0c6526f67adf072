package credential_test

import (
	"encoding/base64"
	"errors"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"keyslot/shared/credential"
	"keyslot/shared/ids"
	"keyslot/shared/pepper"
	"keyslot/shared/principal"
	"keyslot/shared/secret"
)

const (
	timekitTest = "test_api_key_foobar"                           // T-12
	timekitLive = "live_api_key_7nzvc7wsBQQISLeFSVhROys9V1bUJ1z7" // T-6
)

func basic(s string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(s)) }

func TestFromHeader(t *testing.T) {
	for _, tt := range []struct {
		name   string
		header map[string]string
		want   string
		err    error
	}{
		{name: "B-3: Bearer", header: map[string]string{"Authorization": "Bearer " + timekitTest}, want: timekitTest},
		{name: "the scheme in any case", header: map[string]string{"Authorization": "bearer " + timekitTest}, want: timekitTest},
		{name: "T-4: Basic with an empty user", header: map[string]string{"Authorization": basic(":" + timekitLive)}, want: timekitLive},
		{name: "T-4: Basic with the user omitted", header: map[string]string{"Authorization": basic(timekitLive)}, want: timekitLive},
		{name: "Basic without padding", header: map[string]string{"Authorization": strings.TrimRight(basic(":"+timekitTest), "=")}, want: timekitTest},
		{name: "T-5: the bare value", header: map[string]string{"Authorization": timekitLive}, want: timekitLive},
		{name: "T-12: the vector, after Basic", header: map[string]string{"Authorization": "Basic OnRlc3RfYXBpX2tleV9mb29iYXI="}, want: timekitTest},
		{name: "T-12: the vector, bare", header: map[string]string{"Authorization": "OnRlc3RfYXBpX2tleV9mb29iYXI="}, want: timekitTest},
		{name: "X-Api-Key", header: map[string]string{"X-Api-Key": timekitLive}, want: timekitLive},
		{name: "6.1: X-Jicoo-Api-Key", header: map[string]string{"X-Jicoo-Api-Key": "sk_live_xxxxxx"}, want: "sk_live_xxxxxx"},
		{name: "the same key twice", header: map[string]string{"Authorization": "Bearer " + timekitLive, "X-Api-Key": timekitLive}, want: timekitLive},

		{name: "nothing", err: credential.ErrNone},
		{name: "an empty header", header: map[string]string{"Authorization": " "}, err: credential.ErrNone},
		{name: "two keys that differ", header: map[string]string{"Authorization": "Bearer " + timekitLive, "X-Api-Key": timekitTest}, err: credential.ErrMalformed},
		{name: "a scheme alone", header: map[string]string{"Authorization": "Bearer"}, err: credential.ErrMalformed},
		{name: "Bearer and nothing", header: map[string]string{"Authorization": "Bearer "}, err: credential.ErrMalformed},
		{name: "Basic with a user", header: map[string]string{"Authorization": basic("ada:" + timekitLive)}, err: credential.ErrMalformed},
		{name: "Basic that is not base64", header: map[string]string{"Authorization": "Basic !!!"}, err: credential.ErrMalformed},
		{name: "Basic of a colon", header: map[string]string{"Authorization": basic(":")}, err: credential.ErrMalformed},
		{name: "another scheme", header: map[string]string{"Authorization": "Digest username=ada"}, err: credential.ErrMalformed},
		{name: "a key with a space", header: map[string]string{"X-Api-Key": "sk_live_abc def"}, err: credential.ErrMalformed},
		{name: "a key with a control character", header: map[string]string{"X-Api-Key": "sk_live_abc\x00def"}, err: credential.ErrMalformed},
		{name: "too short for any key", header: map[string]string{"X-Api-Key": "hunter2"}, err: credential.ErrMalformed},
		{name: "too long for any key", header: map[string]string{"X-Api-Key": strings.Repeat("k", 256)}, err: credential.ErrMalformed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := textproto.MIMEHeader{}
			for name, value := range tt.header {
				h.Set(name, value)
			}
			got, err := credential.FromHeader(h)
			if got.Reveal() != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("FromHeader(%v) = %q, %v; want %q, %v", h, got.Reveal(), err, tt.want, tt.err)
			}
		})
	}
}

func FuzzFromHeader(f *testing.F) {
	f.Add("Bearer "+timekitLive, "")
	f.Add("Basic OnRlc3RfYXBpX2tleV9mb29iYXI=", "sk_test_x")
	f.Add("OnRlc3RfYXBpX2tleV9mb29iYXI=", timekitTest)
	f.Fuzz(func(t *testing.T, authorization, apiKey string) {
		got, err := credential.FromHeader(textproto.MIMEHeader{
			"Authorization": {authorization}, "X-Api-Key": {apiKey},
		})
		if (err == nil) != credential.Valid(got.Reveal()) {
			t.Errorf("FromHeader(%q, %q) = %q, %v", authorization, apiKey, got.Reveal(), err)
		}
		if apiKey = strings.TrimSpace(apiKey); err == nil && apiKey != "" && got.Reveal() != apiKey {
			t.Errorf("FromHeader(%q, %q) ignores a key", authorization, apiKey)
		}
	})
}

func TestOwnValue(t *testing.T) {
	id := ids.NewAPIKey()
	value := credential.NewValue(id, principal.Live)
	v := value.Reveal()
	if !strings.HasPrefix(v, "sk_live_") || len(v) != len("sk_live_")+50 { // J-K4
		t.Errorf("value %q has not the form of one", v)
	}
	if !strings.HasPrefix(credential.NewValue(id, principal.Test).Reveal(), "sk_test_") {
		t.Error("a test key does not begin with sk_test_")
	}
	if form, got := credential.Inspect(value); form != credential.Own || got != id {
		t.Errorf("Inspect(%q) = %v, %q; want Own, %q", v, form, got, id)
	}
	for i := len("sk_live_"); i < len(v); i++ { // one wrong character, anywhere
		changed := []byte(v)
		if changed[i]++; !ids.Base62(string(changed[i])) {
			changed[i] = '0'
		}
		if form, _ := credential.Inspect(secret.New(string(changed))); form != credential.Damaged {
			t.Errorf("Inspect(%q) = %v, want Damaged", changed, form)
		}
	}
	for _, foreign := range []string{timekitLive, timekitTest, "sk_live_xxxxxx", "sk_live_" + strings.Repeat("-", 50), "cal_live_0123456789"} {
		if form, _ := credential.Inspect(secret.New(foreign)); form != credential.Imported {
			t.Errorf("Inspect(%q) = %v, want Imported", foreign, form)
		}
	}
}

func TestMask(t *testing.T) {
	for value, want := range map[string]string{
		"sk_live_0123456789abcdefghij0123456789abcdefghij0123a1b2": "sk_live_…a1b2",
		timekitLive:    "live_api_key_…J1z7",
		timekitTest:    "test_api_…obar",
		"abcdefghijkl": "…ijkl",
		"short":        "…",
	} {
		if got := credential.Mask(secret.New(value)); got != want {
			t.Errorf("Mask(%q) = %q, want %q", value, got, want)
		}
	}
}

func TestVerify(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	ring, err := pepper.Parse(secret.New(`{"seed":"` + strings.Repeat("s", 64) + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	value := credential.NewValue(ids.NewAPIKey(), principal.Live)
	sealed := credential.Record{Status: credential.Enabled}
	if err := sealed.Seal(value, ring, now); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		change func(*credential.Record)
		value  secret.Text
		want   error
	}{
		{"the value itself", func(*credential.Record) {}, value, nil},
		{"another value", func(*credential.Record) {}, secret.New(value.Reveal() + "x"), credential.ErrWrong},
		{"no hash", func(r *credential.Record) { r.Hash = nil }, value, credential.ErrWrong},
		{"disabled", func(r *credential.Record) { r.Status = credential.Disabled }, value, credential.ErrNotActive},
		{"revoked", func(r *credential.Record) { r.Status = credential.Revoked }, value, credential.ErrNotActive},
		{"no status", func(r *credential.Record) { r.Status = "" }, value, credential.ErrNotActive},
		{"expiring now", func(r *credential.Record) { r.ExpiresAt = now }, value, credential.ErrExpired},
		{"expiring later", func(r *credential.Record) { r.ExpiresAt = now.Add(time.Second) }, value, nil},
		{"a pepper that the ring lacks", func(r *credential.Record) { r.Pepper = 2 }, value, credential.ErrPepper},
	} {
		r := sealed
		tt.change(&r)
		if err := r.Verify(tt.value, ring, now); !errors.Is(err, tt.want) {
			t.Errorf("%s: Verify = %v, want %v", tt.name, err, tt.want)
		}
	}
}
