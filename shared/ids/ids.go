// Package ids makes the ids of everything that has one. An id is a handle, not a
// secret; no credential begins like an id.
package ids

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"
)

// A Kind is what an id stands for: the prefix that it begins with.
type Kind string

// The prefix of every kind of id.
const (
	Organization Kind = "org_"
	User         Kind = "usr_"
	APIKey       Kind = "key_"
	Calendar     Kind = "cal_"
	EventType    Kind = "evt_"
	Booking      Kind = "bkg_"
	AuditEvent   Kind = "aud_"
	Event        Kind = "msg_" // of a webhook message: the Standard Webhooks specification's prefix
)

// Alphabet is base62 in ASCII order, so that encoded numbers sort as they count.
const Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const (
	timeLen = 8 // milliseconds since 1970 in base62, good until the year 8888
	bodyLen = 20
	keyLen  = 12 // an API key's id stands in its value, which has no place for more
)

func (k Kind) bodyLen() int {
	if k == APIKey {
		return keyLen
	}
	return bodyLen
}

// NewAPIKey returns a fresh id of an API key: 71 random bits.
func NewAPIKey() string { return string(APIKey) + Random(keyLen) }

// New returns a fresh id of any other kind. Ids of one kind sort by the millisecond
// of their making; 71 random bits follow.
func New(kind Kind, now time.Time) string {
	var stamp [timeLen]byte
	Encode(stamp[:], uint64(now.UnixMilli()))
	return string(kind) + string(stamp[:]) + Random(bodyLen-timeLen)
}

// Derive returns the id that belongs to parts: the same for the same parts, and for
// others never. A retried request thus makes the same id again.
func Derive(kind Kind, parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	sum := h.Sum(nil)
	body := make([]byte, bodyLen) // 10 characters, 59 bits, of each of two words
	Encode(body[:bodyLen/2], binary.BigEndian.Uint64(sum[:8]))
	Encode(body[bodyLen/2:], binary.BigEndian.Uint64(sum[8:16]))
	return string(kind) + string(body)
}

// Is reports whether id has the form of an id of this kind. What has not cannot be
// stored, and must not become part of a key.
func Is(kind Kind, id string) bool {
	body, ok := strings.CutPrefix(id, string(kind))
	return ok && len(body) == kind.bodyLen() && Base62(body)
}

// Base62 reports whether s consists of the characters of Alphabet only.
func Base62(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// Random returns n characters of Alphabet from the system's secure source.
func Random(n int) string {
	out := make([]byte, 0, n)
	for len(out) < n {
		var buf [64]byte
		_, _ = rand.Read(buf[:]) // never fails: it ends the program instead
		for _, b := range buf {
			// 248 = 4 × 62: cutting the rest keeps all characters equally likely.
			if b < 248 && len(out) < n {
				out = append(out, Alphabet[b%62])
			}
		}
	}
	return string(out)
}

// Encode writes n into dst in base62, zeros first; digits that do not fit are cut off.
func Encode(dst []byte, n uint64) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = Alphabet[n%62]
		n /= 62
	}
}
