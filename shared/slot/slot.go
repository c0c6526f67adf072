// Package slot finds the starts at which an event type can be booked. Listing and
// booking read the same ledgers by the same code: what is offered can be booked.
package slot

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"keyslot/shared/apierr"
	"keyslot/shared/availability"
	"keyslot/shared/calendar"
	"keyslot/shared/check"
	"keyslot/shared/eventtype"
	"keyslot/shared/ids"
	"keyslot/shared/ledger"
	"keyslot/shared/principal"
	"keyslot/shared/span"
)

// Store reads what slots depend on.
type Store interface {
	EventType(ctx context.Context, t principal.Tenant, id string) (eventtype.EventType, error)
	Calendars(ctx context.Context, t principal.Tenant, userID string) ([]calendar.Calendar, error)
	ledger.Store
}

// An Agenda is what a host's time looks like around some span: open hours, busy
// times, and the ledgers that the latter come from.
type Agenda struct {
	HostID string
	Host   availability.Host
	Days   []ledger.Day
}

// Load reads the agenda of a host for bookings of e that lie within s; their buffers
// may reach beyond. A host without the calendar that e names is never open.
func Load(ctx context.Context, store Store, t principal.Tenant, e eventtype.EventType, h eventtype.Host, s span.Span) (Agenda, error) {
	rules := e.Rules()
	around := span.Span{
		Start: s.Start - int64(rules.BufferBefore/time.Second),
		End:   s.End + int64(rules.BufferAfter/time.Second),
	}
	var calendars []calendar.Calendar
	var days []ledger.Day
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() (err error) {
		calendars, err = store.Calendars(ctx, t, h.UserID)
		return err
	})
	both.Go(func() (err error) {
		days, err = store.Days(ctx, t, h.UserID, around)
		return err
	})
	if err := both.Wait(); err != nil {
		return Agenda{}, fmt.Errorf("agenda of host %s: %w", h.UserID, err)
	}

	agenda := Agenda{HostID: h.UserID, Days: days}
	agenda.Host.Busy = ledger.Busy(days)
	c, err := calendar.Pick(calendars, h.AvailabilityCalendarID)
	if apierr.Is(err, apierr.NotFound) {
		return agenda, nil
	}
	hours, err := c.Hours()
	if err != nil {
		return Agenda{}, err
	}
	agenda.Host.Open = hours.Open(nil, s)
	return agenda, nil
}

// A Slot is a time that can be booked.
type Slot struct {
	Start time.Time `json:"start"` // UTC
	End   time.Time `json:"end"`   // UTC
}

// MaxRange is the longest range of which slots are listed.
const MaxRange = 92 * 24 * time.Hour

// A Service is the work of the slots route.
type Service struct{ store Store }

// NewService returns a service over a store.
func NewService(store Store) *Service { return &Service{store} }

// ListInput is the input of [Service.List].
type ListInput struct {
	EventTypeID string `path:"eventTypeId" json:"-"`
	From        string `query:"from" json:"-"`
	To          string `query:"to" json:"-"`
	// TimeZone is the booker's, to whose clock the starts are aligned; default UTC.
	TimeZone string `query:"timeZone" json:"-"`
}

func (in ListInput) query() (availability.Query, error) {
	var f apierr.Fields
	from := check.Instant(&f, "from", in.From)
	to := check.Instant(&f, "to", in.To)
	zone := check.Zone(&f, "timeZone", cmp.Or(in.TimeZone, "UTC"))
	if err := f.Err(); err != nil {
		return availability.Query{}, err
	}
	switch {
	case !from.Before(to):
		f.Add("to", "must be after from")
	case to.Sub(from) > MaxRange:
		f.Add("to", "must be at most 92 days after from")
	}
	return availability.Query{Now: time.Now(), Within: span.Of(from, to), Booker: zone}, f.Err()
}

// List returns the slots of an event type that lie within From and To, in order (J-E4).
func (s *Service) List(ctx context.Context, caller principal.Principal, in ListInput) ([]Slot, error) {
	if err := caller.Require(principal.AvailabilityRead); err != nil {
		return nil, err
	}
	query, err := in.query()
	if err != nil {
		return nil, err
	}
	if !ids.Is(ids.EventType, in.EventTypeID) {
		return nil, eventtype.ErrNotFound
	}
	e, err := s.store.EventType(ctx, caller.Tenant, in.EventTypeID)
	if err != nil {
		return nil, err
	}
	agenda, err := Load(ctx, s.store, caller.Tenant, e, e.Hosts[0], query.Within)
	if err != nil {
		return nil, err
	}
	rules := e.Rules()
	var finder availability.Finder
	starts := finder.Slots(nil, query, rules, availability.Team{Hosts: []availability.Host{agenda.Host}})
	slots := make([]Slot, len(starts))
	for i, start := range starts {
		t := time.Unix(start, 0).UTC()
		slots[i] = Slot{Start: t, End: t.Add(rules.Length)}
	}
	return slots, nil
}
