// Package pepper keys the hashes of credentials. The store of hashes alone is of no
// use to a thief: the peppers are kept elsewhere, and change (design.md §2).
package pepper

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"keyslot/shared/secret"
)

// minSeed is the least length of a seed, in characters; the template asks for 64.
const minSeed = 32

// A Ring holds the peppers of all versions that some hash may still need, and the
// lookup pepper, which never changes. The zero Ring knows none.
type Ring struct {
	lookup   []byte
	versions map[int]version
}

type version struct {
	key        []byte
	activateAt time.Time
}

// stored is the ring as its secret holds it. The template generates the seed alone;
// each rotation appends a version and leaves all else as it was.
type stored struct {
	Seed     string `json:"seed"`
	Versions []struct {
		Version    int       `json:"version"`
		Key        string    `json:"key"`
		ActivateAt time.Time `json:"activateAt"`
	} `json:"versions,omitempty"`
}

// Parse reads a ring as its secret holds it, in JSON. Version 1 and the lookup
// pepper are derived from the seed (HKDF, RFC 5869). Errors never quote the input.
func Parse(value secret.Text) (Ring, error) {
	var s stored
	if err := json.Unmarshal([]byte(value.Reveal()), &s); err != nil {
		return Ring{}, errors.New("pepper ring: not the expected JSON")
	}
	if len(s.Seed) < minSeed {
		return Ring{}, fmt.Errorf("pepper ring: seed shorter than %d characters", minSeed)
	}
	lookup, err := derive(s.Seed, "keyslot lookup pepper")
	if err != nil {
		return Ring{}, err
	}
	first, err := derive(s.Seed, "keyslot pepper 1")
	if err != nil {
		return Ring{}, err
	}
	ring := Ring{lookup: lookup, versions: map[int]version{1: {key: first}}}
	for _, v := range s.Versions {
		if _, ok := ring.versions[v.Version]; ok || v.Version < 1 || len(v.Key) < minSeed {
			return Ring{}, fmt.Errorf("pepper ring: bad or repeated version %d", v.Version)
		}
		ring.versions[v.Version] = version{key: []byte(v.Key), activateAt: v.ActivateAt}
	}
	return ring, nil
}

func derive(seed, info string) ([]byte, error) {
	return hkdf.Key(sha256.New, []byte(seed), nil, info, sha256.Size)
}

// Current returns the version that new hashes use at now: the newest active one. A
// version is active only some time after it was added, when no cache lacks it.
func (r Ring) Current(now time.Time) int {
	newest := 0
	for n, v := range r.versions {
		if n > newest && !now.Before(v.activateAt) {
			newest = n
		}
	}
	return newest
}

// Sum returns the HMAC-SHA-256 of value under the pepper of the given version, and
// reports whether the ring has that version.
func (r Ring) Sum(version int, value secret.Text) (sum []byte, ok bool) {
	v, ok := r.versions[version]
	if !ok {
		return nil, false
	}
	return mac(v.key, value), true
}

// Lookup returns the name, in hexadecimal, under which an imported value is found.
func (r Ring) Lookup(value secret.Text) string {
	return hex.EncodeToString(mac(r.lookup, value))
}

func mac(key []byte, value secret.Text) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(value.Reveal()))
	return h.Sum(nil)
}
