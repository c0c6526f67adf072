// Package eventtype holds what can be booked.
package eventtype

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"keyslot/shared/apierr"
	"keyslot/shared/availability"
	"keyslot/shared/check"
	"keyslot/shared/idempotency"
	"keyslot/shared/ids"
	"keyslot/shared/page"
	"keyslot/shared/principal"
)

// An EventType is what can be booked: its length, who hosts it and by which rules.
// Its durations are whole minutes.
type EventType struct {
	ID                   string    `json:"id"`
	Title                string    `json:"title"`
	Slug                 string    `json:"slug"`
	Description          string    `json:"description"`
	DurationMinutes      int       `json:"durationMinutes"`
	SlotStepMinutes      int       `json:"slotStepMinutes"` // from one start to the next
	BufferBeforeMinutes  int       `json:"bufferBeforeMinutes"`
	BufferAfterMinutes   int       `json:"bufferAfterMinutes"`
	MinimumNoticeMinutes int       `json:"minimumNoticeMinutes"`
	Hosts                []Host    `json:"hosts"`
	CreatedAt            time.Time `json:"createdAt"`
}

// A Host is a user who takes the bookings of an event type.
type Host struct {
	UserID string `json:"userId"`
	// AvailabilityCalendarID names the hours that count; empty means those of the
	// user's default calendar, whichever that is at the time.
	AvailabilityCalendarID string `json:"availabilityCalendarId"`
}

// Rules returns the rules of the event type's slots.
func (e EventType) Rules() availability.Rules {
	return availability.Rules{
		Length:       minutes(e.DurationMinutes),
		Step:         minutes(e.SlotStepMinutes),
		Notice:       minutes(e.MinimumNoticeMinutes),
		BufferBefore: minutes(e.BufferBeforeMinutes),
		BufferAfter:  minutes(e.BufferAfterMinutes),
	}
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// ErrNotFound means that a tenant has no such event type.
var ErrNotFound = apierr.Missing("event type")

// Store keeps event types.
type Store interface {
	// EventType returns one event type of the tenant, or ErrNotFound.
	EventType(ctx context.Context, t principal.Tenant, id string) (EventType, error)
	// EventTypes returns a page of the tenant's event types, oldest first.
	EventTypes(ctx context.Context, t principal.Tenant, p page.Request) (page.Page[EventType], error)
	// CreateEventType stores e and the record, if not nil, or neither. The error is
	// ErrHost if a host does not exist, ErrSlugTaken, or an [*idempotency.Replay].
	CreateEventType(ctx context.Context, t principal.Tenant, e EventType, r *idempotency.Record) error
}

// Refusals of [Store.CreateEventType].
var (
	ErrHost      = apierr.New(apierr.NotFound, "hosts[0]: there is no such user, or no such availability calendar of the user.")
	ErrSlugTaken = apierr.New(apierr.Conflict, "Another event type has this slug.")
)

// A Service is the work of the event type routes.
type Service struct{ store Store }

// NewService returns a service over a store.
func NewService(store Store) *Service { return &Service{store} }

// Limits of the values of an event type: of durations in minutes, of texts in
// characters.
const (
	maxDuration    = 24 * 60
	maxBuffer      = 24 * 60
	maxNotice      = 365 * 24 * 60
	maxDescription = 5000
	maxSlug        = 100
)

// CreateInput is the input of [Service.Create].
type CreateInput struct {
	IdempotencyKey       string `header:"Idempotency-Key" json:"-"`
	Title                string `json:"title"`
	Slug                 string `json:"slug"`
	Description          string `json:"description"`
	DurationMinutes      int    `json:"durationMinutes"`
	SlotStepMinutes      *int   `json:"slotStepMinutes"` // default: the duration
	BufferBeforeMinutes  int    `json:"bufferBeforeMinutes"`
	BufferAfterMinutes   int    `json:"bufferAfterMinutes"`
	MinimumNoticeMinutes int    `json:"minimumNoticeMinutes"`
	Hosts                []Host `json:"hosts"`
}

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (in CreateInput) check() error {
	var f apierr.Fields
	check.Name(&f, "title", in.Title)
	if len(in.Slug) > maxSlug || !slugForm.MatchString(in.Slug) {
		f.Add("slug", "must be 1 to %d lower-case letters and digits, with single hyphens between", maxSlug)
	}
	check.Text(&f, "description", in.Description, maxDescription)
	check.Within(&f, "durationMinutes", in.DurationMinutes, 1, maxDuration)
	if in.SlotStepMinutes != nil {
		check.Within(&f, "slotStepMinutes", *in.SlotStepMinutes, 1, maxDuration)
	}
	check.Within(&f, "bufferBeforeMinutes", in.BufferBeforeMinutes, 0, maxBuffer)
	check.Within(&f, "bufferAfterMinutes", in.BufferAfterMinutes, 0, maxBuffer)
	check.Within(&f, "minimumNoticeMinutes", in.MinimumNoticeMinutes, 0, maxNotice)
	if len(in.Hosts) != 1 {
		f.Add("hosts", "must name exactly one host")
	}
	for i, h := range in.Hosts {
		if !ids.Is(ids.User, h.UserID) {
			f.Add(fmt.Sprintf("hosts[%d].userId", i), "must be the id of a user")
		}
		if h.AvailabilityCalendarID != "" && !ids.Is(ids.Calendar, h.AvailabilityCalendarID) {
			f.Add(fmt.Sprintf("hosts[%d].availabilityCalendarId", i), "must be the id of a calendar")
		}
	}
	return f.Err()
}

// Create adds an event type. Its slug is its own in the tenant.
func (s *Service) Create(ctx context.Context, caller principal.Principal, in CreateInput) (EventType, error) {
	if err := caller.Require(principal.EventTypesWrite); err != nil {
		return EventType{}, err
	}
	key, err := idempotency.NewKey("event-types.create", caller, in.IdempotencyKey, in)
	if err != nil {
		return EventType{}, err
	}
	if err := in.check(); err != nil {
		return EventType{}, err
	}
	now := time.Now().UTC()
	e := EventType{
		ID:                   ids.New(ids.EventType, now),
		Title:                in.Title,
		Slug:                 in.Slug,
		Description:          in.Description,
		DurationMinutes:      in.DurationMinutes,
		SlotStepMinutes:      in.DurationMinutes,
		BufferBeforeMinutes:  in.BufferBeforeMinutes,
		BufferAfterMinutes:   in.BufferAfterMinutes,
		MinimumNoticeMinutes: in.MinimumNoticeMinutes,
		Hosts:                in.Hosts,
		CreatedAt:            now.Truncate(time.Second),
	}
	if in.SlotStepMinutes != nil {
		e.SlotStepMinutes = *in.SlotStepMinutes
	}
	return idempotency.Once(key, e, now, func(r *idempotency.Record) error {
		return s.store.CreateEventType(ctx, caller.Tenant, e, r)
	})
}

// GetInput is the input of [Service.Get].
type GetInput struct {
	ID string `path:"eventTypeId" json:"-"`
}

// Get returns one event type.
func (s *Service) Get(ctx context.Context, caller principal.Principal, in GetInput) (EventType, error) {
	if err := caller.Require(principal.EventTypesRead); err != nil {
		return EventType{}, err
	}
	if !ids.Is(ids.EventType, in.ID) {
		return EventType{}, ErrNotFound
	}
	return s.store.EventType(ctx, caller.Tenant, in.ID)
}

// List returns a page of the event types, oldest first.
func (s *Service) List(ctx context.Context, caller principal.Principal, in page.Request) (page.Page[EventType], error) {
	if err := caller.Require(principal.EventTypesRead); err != nil {
		return page.Page[EventType]{}, err
	}
	if err := in.Check(); err != nil {
		return page.Page[EventType]{}, err
	}
	return s.store.EventTypes(ctx, caller.Tenant, in)
}
