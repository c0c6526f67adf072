package pepper_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"keyslot/shared/pepper"
	"keyslot/shared/secret"
)

const seed = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01"

func parse(t *testing.T, js string) pepper.Ring {
	t.Helper()
	ring, err := pepper.Parse(secret.New(js))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func sum(t *testing.T, r pepper.Ring, version int, value string) string {
	t.Helper()
	mac, ok := r.Sum(version, secret.New(value))
	if !ok {
		t.Fatalf("the ring lacks version %d", version)
	}
	return hex.EncodeToString(mac)
}

// The two values were computed with Python's hmac module and an HKDF written from RFC 5869.
func TestSeedVector(t *testing.T) {
	ring := parse(t, `{"seed":"`+seed+`"}`)
	if got, want := sum(t, ring, 1, "test_api_key_foobar"), "4373818dcc6540c3675d45b1fd663613c2cdc0e54b09d2ecf3d2a0f1714c85b1"; got != want {
		t.Errorf("Sum = %s, want %s", got, want)
	}
	if got, want := ring.Lookup(secret.New("test_api_key_foobar")), "3c9a36992b59e64d1898bf1b423a82847ca4deb294663c655ec7e5200ee517f6"; got != want {
		t.Errorf("Lookup = %s, want %s", got, want)
	}
}

func TestRotationKeepsOldVersions(t *testing.T) {
	later := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	before := parse(t, `{"seed":"`+seed+`"}`)
	after := parse(t, `{"seed":"`+seed+`","versions":[{"version":2,"key":"`+strings.Repeat("k", 32)+`","activateAt":"2026-11-24T12:00:00Z"}]}`)

	if got, want := sum(t, after, 1, "v"), sum(t, before, 1, "v"); got != want {
		t.Errorf("version 1 changed from %s to %s", want, got)
	}
	if got, want := after.Lookup(secret.New("v")), before.Lookup(secret.New("v")); got != want {
		t.Errorf("the lookup name changed from %s to %s", want, got)
	}
	if sum(t, after, 1, "v") == sum(t, after, 2, "v") {
		t.Error("versions 1 and 2 give the same sum")
	}
	if got := after.Current(later.Add(-time.Nanosecond)); got != 1 {
		t.Errorf("before its activation version 2 is not current, got %d", got)
	}
	if got := after.Current(later); got != 2 {
		t.Errorf("from its activation on version 2 is current, got %d", got)
	}
	if _, ok := before.Sum(2, secret.New("v")); ok {
		t.Error("a ring without version 2 summed with it")
	}
}

func TestParseRefuses(t *testing.T) {
	for name, js := range map[string]string{
		"no JSON":          "hunter2hunter2",
		"no seed":          `{}`,
		"a short seed":     `{"seed":"hunter2"}`,
		"version 1 again":  `{"seed":"` + seed + `","versions":[{"version":1,"key":"` + seed + `"}]}`,
		"a short key":      `{"seed":"` + seed + `","versions":[{"version":2,"key":"hunter2"}]}`,
		"a repeated entry": `{"seed":"` + seed + `","versions":[{"version":2,"key":"` + seed + `"},{"version":2,"key":"` + seed + `"}]}`,
	} {
		_, err := pepper.Parse(secret.New(js))
		if err == nil {
			t.Errorf("%s: no error", name)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows the secret: %v", name, err)
		}
	}
}
