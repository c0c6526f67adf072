// Package apikey manages an organization's API keys: it makes them, says what they
// may, and ends them. Every change holds on the next request, and is audited.
package apikey

import (
	"context"
	"errors"
	"time"

	"keyslot/shared/apierr"
	"keyslot/shared/credential"
	"keyslot/shared/idempotency"
	"keyslot/shared/page"
	"keyslot/shared/pepper"
	"keyslot/shared/principal"
)

// Max is the greatest number of keys of an organization, of both modes together (D-5).
const Max = 500

// A Key is an API key as its owner sees it: masked (D-7, contract.md §7, 1).
type Key struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Mode      principal.Mode    `json:"mode"`
	Mask      string            `json:"mask"`
	Scopes    []string          `json:"scopes"`
	Allowlist []string          `json:"allowlist"` // addresses it may be used from; empty: any
	Status    credential.Status `json:"status"`
	ExpiresAt *time.Time        `json:"expiresAt"` // UTC; null: never
	CreatedAt time.Time         `json:"createdAt"` // UTC
	UpdatedAt time.Time         `json:"updatedAt"` // UTC
}

// A Created is a new key. Value is shown in the answer that creates it and never
// again (B-7): it is null in the answer to a repeated request.
type Created struct {
	Key
	Value *string `json:"value"`
}

func view(r credential.Record) Key {
	k := Key{
		ID: r.ID, Name: r.Name, Mode: r.Tenant.Mode, Mask: r.Mask, Scopes: r.Scopes.Strings(), Allowlist: r.Allowlist,
		Status: r.Status, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	if k.Allowlist == nil {
		k.Allowlist = []string{}
	}
	if !r.ExpiresAt.IsZero() {
		k.ExpiresAt = &r.ExpiresAt
	}
	return k
}

// An Action is what was done to a key.
type Action string

// The actions, as audit events name them.
const (
	ActionCreated  Action = "key.created"
	ActionUpdated  Action = "key.updated"
	ActionEnabled  Action = "key.enabled"
	ActionDisabled Action = "key.disabled"
	ActionRevoked  Action = "key.revoked"
	ActionDeleted  Action = "key.deleted"
)

// An Audit says who did what to which key.
type Audit struct {
	ID     string
	Action Action
	At     time.Time // UTC
	Actor  string    // the key that did it
	Target string    // the key that it was done to
}

// Refusals of a Store.
var (
	ErrNotFound = apierr.Missing("API key")
	ErrExists   = apierr.New(apierr.Conflict, "This value is an API key already.")
	ErrLimit    = apierr.New(apierr.KeyLimit, "An organization can have at most %d API keys.", Max)
	// ErrStale means that the key is not in the version that a change was made from.
	ErrStale = errors.New("stale version")
)

// Store keeps keys. Each change stands with its audit event, or not at all.
type Store interface {
	// Key returns one key of the tenant, or ErrNotFound. It reads consistently.
	Key(ctx context.Context, t principal.Tenant, id string) (credential.Record, error)
	// Keys returns a page of the tenant's keys, oldest first. A change may show some
	// milliseconds late.
	Keys(ctx context.Context, t principal.Tenant, p page.Request) (page.Page[credential.Record], error)
	// CreateKey stores a key and the record, if not nil. The error is an
	// [*idempotency.Replay]; ErrLimit if the organization has Max keys, however many
	// are made at the same time; or ErrExists if the value is imported already.
	CreateKey(ctx context.Context, r credential.Record, a Audit, i *idempotency.Record) error
	// UpdateKey replaces a key, which was one version younger. The error is ErrStale.
	UpdateKey(ctx context.Context, r credential.Record, a Audit) error
	// DeleteKey removes a key, which is in the version of r. The error is ErrStale.
	DeleteKey(ctx context.Context, r credential.Record, a Audit) error
}

// Peppers gives the ring that hashes are made with.
type Peppers interface {
	Ring(ctx context.Context) (pepper.Ring, error)
}
