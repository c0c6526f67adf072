// Package organization holds the tenants and the people in them.
package organization

import (
	"context"
	"time"

	"keyslot/shared/apierr"
	"keyslot/shared/principal"
)

// A Plan decides which groups of routes an organization may use (C-1…C-6).
type Plan string

// PlanPlatform is that of a product which manages users of its own (C-1).
const PlanPlatform Plan = "platform"

// An Organization is a tenant. It exists in both modes, under one id.
type Organization struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Plan      Plan      `json:"plan"`
	CreatedAt time.Time `json:"createdAt"`
}

// A Role says what a user may do in the organization.
type Role string

// The roles, from the most to the least powerful.
const (
	Owner  Role = "owner"
	Admin  Role = "admin"
	Member Role = "member"
)

// A User is a person of an organization, who can host bookings.
type User struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	TimeZone  string    `json:"timeZone"` // IANA name
	Role      Role      `json:"role"`
	CreatedAt time.Time `json:"createdAt"`
}

// ErrNoUser means that a tenant has no such user.
var ErrNoUser = apierr.Missing("user")

// Store keeps organizations and their users.
type Store interface {
	// User returns a user of the tenant, or ErrNoUser.
	User(ctx context.Context, t principal.Tenant, id string) (User, error)
}
