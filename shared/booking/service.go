package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"keyslot/shared/apierr"
	"keyslot/shared/availability"
	"keyslot/shared/backoff"
	"keyslot/shared/check"
	"keyslot/shared/eventtype"
	"keyslot/shared/idempotency"
	"keyslot/shared/ids"
	"keyslot/shared/ledger"
	"keyslot/shared/page"
	"keyslot/shared/principal"
	"keyslot/shared/slot"
	"keyslot/shared/span"
)

// A Service is the work of the booking routes.
type Service struct{ store Store }

// NewService returns a service over a store.
func NewService(store Store) *Service { return &Service{store} }

// CreateInput is the input of [Service.Create].
type CreateInput struct {
	IdempotencyKey string   `header:"Idempotency-Key" json:"-"`
	EventTypeID    string   `json:"eventTypeId"`
	Start          string   `json:"start"`
	Attendee       Attendee `json:"attendee"`
}

func (in CreateInput) check() (start time.Time, booker *time.Location, err error) {
	var f apierr.Fields
	if !ids.Is(ids.EventType, in.EventTypeID) {
		f.Add("eventTypeId", "must be the id of an event type")
	}
	start = check.Instant(&f, "start", in.Start)
	check.Name(&f, "attendee.name", in.Attendee.Name)
	check.Email(&f, "attendee.email", in.Attendee.Email)
	booker = check.Zone(&f, "attendee.timeZone", in.Attendee.TimeZone)
	return start, booker, f.Err()
}

// Create books one slot (J-B5). Of many who want the same time one gets it, the
// others SLOT_UNAVAILABLE. A retry under the same Idempotency-Key gets the first
// answer.
func (s *Service) Create(ctx context.Context, caller principal.Principal, in CreateInput) (Booking, error) {
	if err := caller.Require(principal.BookingsWrite); err != nil {
		return Booking{}, err
	}
	key, err := idempotency.NewKey("bookings.create", caller, in.IdempotencyKey, in)
	if err != nil {
		return Booking{}, err
	}
	start, booker, err := in.check()
	if err != nil {
		return Booking{}, err
	}
	now := time.Now().UTC()
	if done, b, err := s.replayed(ctx, caller.Tenant, key); done || err != nil {
		return b, err
	}
	e, err := s.store.EventType(ctx, caller.Tenant, in.EventTypeID)
	if err != nil {
		return Booking{}, err
	}

	b := Booking{
		ID:           ids.New(ids.Booking, now),
		EventTypeID:  e.ID,
		Status:       Confirmed,
		Start:        start,
		End:          start.Add(e.Rules().Length),
		Hosts:        []Host{{UserID: e.Hosts[0].UserID}},
		Attendee:     in.Attendee,
		CreatedAt:    now.Truncate(time.Second),
		UpdatedAt:    now.Truncate(time.Second),
		BufferBefore: int64(e.BufferBeforeMinutes) * 60,
		BufferAfter:  int64(e.BufferAfterMinutes) * 60,
		Version:      1,
		Event:        ids.New(ids.Event, now),
	}
	return s.apply(ctx, caller.Tenant, key, b, func() (Change, error) {
		return s.place(ctx, caller.Tenant, e, b, booker)
	})
}

// place checks b against its host's agenda and returns the change that books it.
func (s *Service) place(ctx context.Context, t principal.Tenant, e eventtype.EventType, b Booking, booker *time.Location) (Change, error) {
	within := span.Of(b.Start, b.End)
	agenda, err := slot.Load(ctx, s.store, t, e, e.Hosts[0], within)
	if err != nil {
		return Change{}, err
	}
	query := availability.Query{Now: time.Now(), Within: within, Booker: booker}
	switch availability.Check(query, e.Rules(), agenda.Host, b.Start) {
	case availability.Bookable:
	case availability.Taken:
		return Change{}, apierr.New(apierr.SlotUnavailable, "This time is no longer available.")
	case availability.TooSoon:
		return Change{}, apierr.Invalid("start", "is in the past, or sooner than the event type's notice")
	case availability.Outside:
		return Change{}, apierr.Invalid("start", "is not a slot of this event type")
	}
	c := Change{Booking: b, Event: newEvent(EventCreated, b)}
	entry := b.Entry()
	for _, d := range agenda.Days {
		if d.Touches(entry) {
			c.Days = append(c.Days, d.With(entry))
		}
	}
	return c, nil
}

// outboxKeep is how long an event stays in the outbox, told or not.
const outboxKeep = 7 * 24 * time.Hour

func newEvent(name EventName, b Booking) Event {
	now := time.Now().UTC()
	return Event{ID: b.Event, Name: name, CreatedAt: now, ExpiresAt: now.Add(outboxKeep), Booking: b}
}

// apply makes the change that plan returns, and plans again as long as others are
// quicker. Before it gives up, for whatever reason, it looks whether the change was
// made all the same: by an attempt whose answer was lost, or by an earlier request
// under the same key. Both are a success. So no refusal is stored work, and no
// retry meets its own booking as another's.
func (s *Service) apply(ctx context.Context, t principal.Tenant, key idempotency.Key, b Booking, plan func() (Change, error)) (Booking, error) {
	err := error(apierr.Busy())
	for attempt := range maxAttempts {
		if errPause := pause(ctx, attempt); errPause != nil {
			return Booking{}, errPause
		}
		made, errTry := s.try(ctx, t, key, plan)
		if errTry == nil {
			return made, nil
		}
		if !errors.Is(errTry, ErrStale) {
			err = errTry
			break
		}
	}
	if done, first, errReplay := s.replayed(ctx, t, key); done || errReplay != nil {
		return first, errReplay
	}
	stored, errGet := s.store.Booking(ctx, t, b.ID)
	if errGet == nil && stored.Event == b.Event {
		return stored, nil
	}
	return Booking{}, err
}

// try plans and makes one attempt.
func (s *Service) try(ctx context.Context, t principal.Tenant, key idempotency.Key, plan func() (Change, error)) (Booking, error) {
	c, err := plan()
	if err != nil {
		return Booking{}, err
	}
	c.Record, err = idempotency.NewRecord(key, c.Booking, c.Event.CreatedAt)
	if err != nil {
		return Booking{}, err
	}
	if err := s.store.Apply(ctx, t, c); err != nil {
		return Booking{}, fmt.Errorf("apply %s: %w", c.Event.Name, err)
	}
	return c.Booking, nil
}

// replayed reports whether a request was done before, with its first answer.
func (s *Service) replayed(ctx context.Context, t principal.Tenant, key idempotency.Key) (done bool, first Booking, err error) {
	if key.IsZero() {
		return false, Booking{}, nil
	}
	r, err := s.store.Record(ctx, t, key, time.Now())
	if r == nil || err != nil {
		return false, Booking{}, err
	}
	err = r.Replayed(key, &first)
	return err == nil, first, err
}

// How often a change is tried, and how long it waits in between at most.
const (
	maxAttempts = 8
	minBackoff  = 10 * time.Millisecond
	maxBackoff  = 500 * time.Millisecond
)

// pause waits before a further attempt: exponential backoff with full jitter.
func pause(ctx context.Context, attempt int) error {
	if attempt == 0 {
		return nil
	}
	return backoff.Sleep(ctx, min(minBackoff<<(attempt-1), maxBackoff))
}

// CancelInput is the input of [Service.Cancel].
type CancelInput struct {
	IdempotencyKey string `header:"Idempotency-Key" json:"-"`
	ID             string `path:"bookingId" json:"-"`
	Reason         string `json:"reason"`
}

// Cancel ends a booking and frees its time (J-B3). A booking that is cancelled
// already is INVALID_STATE.
func (s *Service) Cancel(ctx context.Context, caller principal.Principal, in CancelInput) (Booking, error) {
	if err := caller.Require(principal.BookingsWrite); err != nil {
		return Booking{}, err
	}
	var f apierr.Fields
	if check.Text(&f, "reason", in.Reason, maxReason); f.Err() != nil {
		return Booking{}, f.Err()
	}
	if !ids.Is(ids.Booking, in.ID) {
		return Booking{}, ErrNotFound
	}
	key, err := idempotency.NewKey("bookings.cancel "+in.ID, caller, in.IdempotencyKey, in)
	if err != nil {
		return Booking{}, err
	}
	if done, b, err := s.replayed(ctx, caller.Tenant, key); done || err != nil {
		return b, err
	}
	now := time.Now().UTC()
	cancelled := Booking{ID: in.ID, Event: ids.New(ids.Event, now)}
	return s.apply(ctx, caller.Tenant, key, cancelled, func() (Change, error) {
		b, err := s.store.Booking(ctx, caller.Tenant, in.ID)
		if err != nil {
			return Change{}, err
		}
		if b.Status != Confirmed {
			return Change{}, apierr.New(apierr.InvalidState, "The booking is %s already.", b.Status)
		}
		from := b.Version
		b.Status = Cancelled
		b.Cancellation = &Cancellation{At: now.Truncate(time.Second), Reason: in.Reason, By: caller.KeyID}
		b.UpdatedAt = now.Truncate(time.Second)
		b.Version++
		b.Event = cancelled.Event
		days, err := s.without(ctx, caller.Tenant, b)
		return Change{Booking: b, From: from, Days: days, Event: newEvent(EventCancelled, b)}, err
	})
}

// without returns the ledgers of all hosts of b, b taken out.
func (s *Service) without(ctx context.Context, t principal.Tenant, b Booking) ([]ledger.Day, error) {
	var all []ledger.Day
	for _, h := range b.Hosts {
		days, err := s.store.Days(ctx, t, h.UserID, b.Entry().Blocked())
		if err != nil {
			return nil, err
		}
		for _, d := range days {
			all = append(all, d.Without(b.ID))
		}
	}
	return all, nil
}

// maxReason is the greatest length of a reason, in characters.
const maxReason = 1000

// GetInput is the input of [Service.Get].
type GetInput struct {
	ID string `path:"bookingId" json:"-"`
}

// Get returns one booking (J-B2).
func (s *Service) Get(ctx context.Context, caller principal.Principal, in GetInput) (Booking, error) {
	if err := caller.Require(principal.BookingsRead); err != nil {
		return Booking{}, err
	}
	if !ids.Is(ids.Booking, in.ID) {
		return Booking{}, ErrNotFound
	}
	return s.store.Booking(ctx, caller.Tenant, in.ID)
}

// List returns a page of the bookings in order of start (J-B1).
func (s *Service) List(ctx context.Context, caller principal.Principal, in page.Request) (page.Page[Booking], error) {
	if err := caller.Require(principal.BookingsRead); err != nil {
		return page.Page[Booking]{}, err
	}
	if err := in.Check(); err != nil {
		return page.Page[Booking]{}, err
	}
	return s.store.Bookings(ctx, caller.Tenant, in)
}
