// Package idempotency makes a retried request do its work once. A record of the
// first request stands in the same transaction as its work, and holds its answer.
package idempotency

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"keyslot/shared/apierr"
	"keyslot/shared/principal"
)

// MaxKey is the greatest length of an Idempotency-Key, in bytes; Keep is how long
// a record holds (design.md §3).
const (
	MaxKey = 255
	Keep   = 24 * time.Hour
)

// A Key names one request of a caller. The zero Key is that of a request without
// an Idempotency-Key; it is never recorded.
type Key struct {
	// ID is a digest of the operation, the credential and the caller's own key, so that
	// two callers never meet, and two operations neither.
	ID string
	// Request is a digest of the request's input.
	Request string
}

// NewKey returns the Key of a request: which operation ("bookings.create"), by
// whom, under which Idempotency-Key header (which may be empty), with which input.
func NewKey(operation string, caller principal.Principal, header string, input any) (Key, error) {
	if header == "" {
		return Key{}, nil
	}
	if len(header) > MaxKey {
		return Key{}, apierr.Invalid("Idempotency-Key", "must have at most %d characters", MaxKey)
	}
	js, err := json.Marshal(input)
	if err != nil {
		return Key{}, fmt.Errorf("digest of the request: %w", err)
	}
	return Key{ID: digest(operation, caller.KeyID, header), Request: digest(string(js))}, nil
}

// IsZero reports whether the request asked for no record.
func (k Key) IsZero() bool { return k.ID == "" }

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A Record is what is stored of a request that has done its work.
type Record struct {
	Key
	Answer    []byte    // the answer's data, in JSON
	ExpiresAt time.Time // UTC; the record counts for nothing from then on
}

// NewRecord returns the record of a request done at now, with its answer. It is nil
// for the zero Key.
func NewRecord(key Key, answer any, now time.Time) (*Record, error) {
	if key.IsZero() {
		return nil, nil
	}
	js, err := json.Marshal(answer)
	if err != nil {
		return nil, fmt.Errorf("answer to record: %w", err)
	}
	return &Record{Key: key, Answer: js, ExpiresAt: now.Add(Keep)}, nil
}

// A Replay is the error of a store that already holds a record for the key: the
// work was done before.
type Replay struct{ Record Record }

// Error says that the request was recorded before.
func (*Replay) Error() string { return "the request was recorded before" }

// Replayed reads the first answer into out. A record of another request under the
// same key is a refusal, IDEMPOTENCY_KEY_REUSED.
func (r Record) Replayed(key Key, out any) error {
	if r.Request != key.Request {
		return apierr.New(apierr.IdempotencyKeyReused, "This Idempotency-Key was used with another request.")
	}
	if err := json.Unmarshal(r.Answer, out); err != nil {
		return fmt.Errorf("recorded answer: %w", err)
	}
	return nil
}

// Once does work that stores fresh together with its record, and returns fresh; or,
// where the store held a record of the same request already, the first answer.
func Once[T any](key Key, fresh T, now time.Time, work func(*Record) error) (T, error) {
	var none T
	record, err := NewRecord(key, fresh, now)
	if err != nil {
		return none, err
	}
	err = work(record)
	if replay, ok := errors.AsType[*Replay](err); ok {
		var first T
		if err := replay.Record.Replayed(key, &first); err != nil {
			return none, err
		}
		return first, nil
	}
	if err != nil {
		return none, err
	}
	return fresh, nil
}
