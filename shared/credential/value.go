// Package credential is how callers prove who they are: the values that they show,
// and what is stored of these (design.md §2).
package credential

import (
	"hash/crc32"
	"strings"

	"keyslot/shared/apierr"
	"keyslot/shared/ids"
	"keyslot/shared/principal"
	"keyslot/shared/secret"
)

// An own value is a prefix that tells its mode, then 12 characters of id, 32 random
// ones and 6 of CRC-32, all base62: "sk_live_" followed by 50 characters.
const (
	prefixLive = "sk_live_" // J-K4
	prefixTest = "sk_test_"

	idLen     = 12
	randomLen = 32
	sumLen    = 6
	bodyLen   = idLen + randomLen + sumLen
)

// Bounds of any value, also of an imported one, in bytes.
const (
	MinLength = 12
	MaxLength = 255
)

// NewValue makes the value of a new key with the given id.
func NewValue(keyID string, mode principal.Mode) secret.Text {
	prefix := prefixTest
	if mode == principal.Live {
		prefix = prefixLive
	}
	v := prefix + strings.TrimPrefix(keyID, string(ids.APIKey)) + ids.Random(randomLen)
	return secret.New(v + checksum(v))
}

func checksum(s string) string {
	var sum [sumLen]byte
	ids.Encode(sum[:], uint64(crc32.ChecksumIEEE([]byte(s))))
	return string(sum[:])
}

// A Form says how a value can be found.
type Form int

// The forms of values.
const (
	Imported Form = iota // issued by another system: found by a keyed hash of it
	Own                  // found by the id inside
	Damaged              // formed like an own one, but its checksum is wrong
)

// Inspect says which form a value has and, of an own one, the id of its key. A
// damaged value is refused without a look into the store.
func Inspect(value secret.Text) (form Form, keyID string) {
	v := value.Reveal()
	body, live := strings.CutPrefix(v, prefixLive)
	if !live {
		var test bool
		if body, test = strings.CutPrefix(v, prefixTest); !test {
			return Imported, ""
		}
	}
	// Another vendor's keys begin with sk_live_ too; theirs have another length.
	if len(body) != bodyLen || !ids.Base62(body) {
		return Imported, ""
	}
	if checksum(v[:len(v)-sumLen]) != v[len(v)-sumLen:] {
		return Damaged, ""
	}
	return Own, string(ids.APIKey) + body[:idLen]
}

// Mask returns what may be shown of a value: its prefix and its last four
// characters, "sk_live_…a1b2" (contract.md §7, 1).
func Mask(value secret.Text) string {
	v := value.Reveal()
	if len(v) < MinLength {
		return "…"
	}
	prefix := ""
	if i := strings.LastIndexByte(v[:len(v)/2], '_'); i >= 0 {
		prefix = v[:i+1]
	}
	return prefix + "…" + v[len(v)-4:]
}

// CheckImport returns an error that names the field if a value cannot be imported: it
// is no key at all, or has the form of an own one, which would never be looked up.
func CheckImport(field string, value secret.Text) error {
	if form, _ := Inspect(value); form != Imported {
		return apierr.Invalid(field, "has the form of a key of this system, and cannot be imported")
	}
	if !Valid(value.Reveal()) {
		return apierr.Invalid(field, "must be %d to %d printable characters without spaces", MinLength, MaxLength)
	}
	return nil
}

// Valid reports whether a value may be a key at all: printable ASCII without spaces,
// of a sensible length.
func Valid(value string) bool {
	if len(value) < MinLength || len(value) > MaxLength {
		return false
	}
	for i := range len(value) {
		if value[i] <= ' ' || value[i] > '~' {
			return false
		}
	}
	return true
}
