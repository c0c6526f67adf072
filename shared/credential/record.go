package credential

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"keyslot/shared/pepper"
	"keyslot/shared/principal"
	"keyslot/shared/secret"
)

// A Status says whether a key may be used.
type Status string

// The states of a key. Disabling can be undone, revoking cannot (contract.md §7, 2).
const (
	Enabled  Status = "enabled"
	Disabled Status = "disabled"
	Revoked  Status = "revoked"
)

// A Record is what is stored of an API key: never its value.
type Record struct {
	ID        string
	Name      string
	Tenant    principal.Tenant
	User      string // the user it acts as; empty for the organization itself
	Scopes    principal.Scopes
	Status    Status
	Mask      string    // what may be shown of the value
	Lookup    string    // under which an imported value is found; empty for an own one
	Hash      []byte    // HMAC-SHA-256 of the value under the pepper of PepperVersion
	Pepper    int       // version of the pepper
	Allowlist []string  // the addresses it may be used from; empty: any (D-19)
	CreatedAt time.Time // UTC
	UpdatedAt time.Time // UTC
	ExpiresAt time.Time // UTC; zero: never
	Version   int64     // grows by one with each change
}

// Refusals of [Record.Verify]. They are for the log: the caller gets B-17's words
// whatever the reason.
var (
	ErrUnknown   = errors.New("unknown credential")
	ErrWrong     = errors.New("wrong value")
	ErrNotActive = errors.New("disabled or revoked")
	ErrExpired   = errors.New("expired")
	// ErrPepper means that the ring lacks the pepper of the hash: the ring is too
	// old, or the data are damaged. It says nothing of the caller.
	ErrPepper = errors.New("unknown pepper version")
)

// Store finds credentials.
type Store interface {
	// Credential returns the record of an own key by id, or, if lookup is not
	// empty, that of an imported one by [pepper.Ring.Lookup]. It reads consistently:
	// what a change acknowledged is what the next request sees. The error is
	// ErrUnknown if there is none; any other is an outage.
	Credential(ctx context.Context, keyID, lookup string) (Record, error)
}

// Verify returns nil if value is that of the record, which is active at now.
func (r Record) Verify(value secret.Text, ring pepper.Ring, now time.Time) error {
	sum, ok := ring.Sum(r.Pepper, value)
	switch {
	case !ok:
		return ErrPepper
	case subtle.ConstantTimeCompare(sum, r.Hash) != 1:
		return ErrWrong
	case r.Status != Enabled:
		return ErrNotActive
	case !r.ExpiresAt.IsZero() && !now.Before(r.ExpiresAt): // the table deletes days late
		return ErrExpired
	}
	return nil
}

// Principal returns who a caller with this key is.
func (r Record) Principal() principal.Principal {
	return principal.Principal{
		Tenant:  r.Tenant,
		Kind:    principal.APIKey,
		KeyID:   r.ID,
		KeyName: r.Name,
		User:    r.User,
		Scopes:  r.Scopes,
	}
}

// Seal sets the hash of r, and for an imported value the name it is found by.
func (r *Record) Seal(value secret.Text, ring pepper.Ring, now time.Time) error {
	version := ring.Current(now)
	sum, ok := ring.Sum(version, value)
	if !ok {
		return ErrPepper
	}
	r.Hash, r.Pepper, r.Mask = sum, version, Mask(value)
	if form, _ := Inspect(value); form != Own {
		r.Lookup = ring.Lookup(value)
	}
	return nil
}
