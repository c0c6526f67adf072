// Package booking holds bookings and their life. Creating and cancelling change the
// hosts' ledgers, the booking, the idempotency record and the outbox in one
// transaction, or change nothing (design.md §3).
package booking

import (
	"context"
	"errors"
	"time"

	"keyslot/shared/apierr"
	"keyslot/shared/idempotency"
	"keyslot/shared/ledger"
	"keyslot/shared/page"
	"keyslot/shared/principal"
	"keyslot/shared/slot"
	"keyslot/shared/span"
)

// A Status is where in its life a booking stands.
type Status string

// The states of a booking.
const (
	Confirmed Status = "confirmed"
	Cancelled Status = "cancelled"
)

// A Booking is a time of a host that somebody has taken.
type Booking struct {
	ID           string        `json:"id"`
	EventTypeID  string        `json:"eventTypeId"`
	Status       Status        `json:"status"`
	Start        time.Time     `json:"start"` // UTC
	End          time.Time     `json:"end"`   // UTC
	Hosts        []Host        `json:"hosts"`
	Attendee     Attendee      `json:"attendee"`
	Cancellation *Cancellation `json:"cancellation"` // nil unless cancelled
	CreatedAt    time.Time     `json:"createdAt"`
	UpdatedAt    time.Time     `json:"updatedAt"`

	// Buffers of the event type as they were at the time of booking, in seconds.
	BufferBefore int64 `json:"-"`
	BufferAfter  int64 `json:"-"`
	// Version grows by one with each change.
	Version int64 `json:"-"`
	// Event is the id of the latest change's event. An attempt whose answer was lost
	// knows its own work by it.
	Event string `json:"-"`
}

// A Host is a user who takes part as a host.
type Host struct {
	UserID string `json:"userId"`
}

// An Attendee is who booked.
type Attendee struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	TimeZone string `json:"timeZone"` // IANA name
}

// A Cancellation says when and why a booking was cancelled, and by which key.
type Cancellation struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
	By     string    `json:"by"`
}

// Entry returns the booking's entry in its hosts' ledgers.
func (b Booking) Entry() ledger.Entry {
	return ledger.Entry{ID: b.ID, Span: span.Of(b.Start, b.End), Before: b.BufferBefore, After: b.BufferAfter}
}

// An EventName says what happened to a booking.
type EventName string

// The events that bookings leave in the outbox.
const (
	EventCreated   EventName = "booking.created"
	EventCancelled EventName = "booking.cancelled"
)

// An Event is a row of the outbox: what webhooks will tell.
type Event struct {
	ID        string
	Name      EventName
	CreatedAt time.Time // UTC
	ExpiresAt time.Time // UTC; told long before
	Booking   Booking   // as the change left it
}

// A Change is what one request does to a booking and all that goes with it.
type Change struct {
	Booking Booking
	// From is the version of the booking that the change was made from; 0: it is new.
	From int64
	// Days are the ledgers after the change; each was one version younger before.
	Days   []ledger.Day
	Event  Event
	Record *idempotency.Record // nil without an Idempotency-Key
}

// ErrStale means that a ledger, or the booking, is not in the version that a change
// was made from, or that others are changing it: read anew and try again.
var ErrStale = errors.New("stale version")

// ErrNotFound means that a tenant has no such booking.
var ErrNotFound = apierr.Missing("booking")

// Store keeps bookings.
type Store interface {
	slot.Store
	// Booking returns one booking of the tenant, or ErrNotFound. It reads
	// consistently.
	Booking(ctx context.Context, t principal.Tenant, id string) (Booking, error)
	// Bookings returns a page of the tenant's bookings in order of start. A change
	// may show some milliseconds late.
	Bookings(ctx context.Context, t principal.Tenant, p page.Request) (page.Page[Booking], error)
	// Record returns the record of an idempotent request that has not expired at
	// now, or nil if there is none. It reads consistently.
	Record(ctx context.Context, t principal.Tenant, key idempotency.Key, now time.Time) (*idempotency.Record, error)
	// Apply makes a change as a whole, or not at all. The error is an
	// [*idempotency.Replay] or ErrStale if it was refused, in that order; after any
	// other error it may have been made or not.
	Apply(ctx context.Context, t principal.Tenant, c Change) error
}
