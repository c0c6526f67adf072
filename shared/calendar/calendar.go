// Package calendar holds availability calendars: the weekly hours, in a time zone,
// in which a user can be booked (contract.md §7, 9).
package calendar

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"keyslot/shared/apierr"
	"keyslot/shared/availability"
	"keyslot/shared/check"
	"keyslot/shared/idempotency"
	"keyslot/shared/ids"
	"keyslot/shared/organization"
	"keyslot/shared/page"
	"keyslot/shared/principal"
)

// A Calendar is the wall-clock hours of one user. A user has several; one of them is
// the default.
type Calendar struct {
	ID          string     `json:"id"`
	UserID      string     `json:"userId"`
	Name        string     `json:"name"`
	TimeZone    string     `json:"timeZone"` // IANA name
	IsDefault   bool       `json:"isDefault"`
	WeeklyHours []Weekly   `json:"weeklyHours"`
	Overrides   []Override `json:"overrides"`
	CreatedAt   time.Time  `json:"createdAt"`
}

// Weekly are the same hours on several days of the week.
type Weekly struct {
	Days []string `json:"days"` // "monday" … "sunday"
	Period
}

// An Override replaces the weekly hours of one date. Without hours, it is closed.
type Override struct {
	Date  string   `json:"date"` // YYYY-MM-DD
	Hours []Period `json:"hours"`
}

// A Period is a half-open part of a local day.
type Period struct {
	Start string `json:"start"` // HH:MM
	End   string `json:"end"`   // HH:MM, up to 24:00
}

// Hours compiles the calendar for the slot engine. A calendar that was checked when
// it was stored compiles without error.
func (c Calendar) Hours() (availability.Hours, error) {
	var f apierr.Fields
	h := c.compile(&f)
	if err := f.Err(); err != nil {
		return availability.Hours{}, fmt.Errorf("calendar %s: %w", c.ID, err)
	}
	return h, nil
}

// compile is the one reading of a calendar's texts; it notes what it cannot read.
func (c Calendar) compile(f *apierr.Fields) availability.Hours {
	h := availability.Hours{
		Zone:      check.Zone(f, "timeZone", c.TimeZone),
		Overrides: map[availability.Date][]availability.Clock{},
	}
	for i, w := range c.WeeklyHours {
		at := fmt.Sprintf("weeklyHours[%d]", i)
		clock, ok := w.clock(f, at)
		if len(w.Days) == 0 {
			f.Add(at+".days", "must name a day")
		}
		for j, name := range w.Days {
			day, known := weekdays[name]
			if !known {
				f.Add(fmt.Sprintf("%s.days[%d]", at, j), "must be a day from monday to sunday")
			} else if ok {
				h.Weekly[day] = append(h.Weekly[day], clock)
			}
		}
	}
	for i, o := range c.Overrides {
		at := fmt.Sprintf("overrides[%d]", i)
		date, err := availability.ParseDate(o.Date)
		if err != nil {
			f.Add(at+".date", "must be a date, YYYY-MM-DD")
			continue
		}
		if _, repeated := h.Overrides[date]; repeated {
			f.Add(at+".date", "must not be named twice")
		}
		clocks := []availability.Clock{}
		for j, p := range o.Hours {
			if clock, ok := p.clock(f, fmt.Sprintf("%s.hours[%d]", at, j)); ok {
				clocks = append(clocks, clock)
			}
		}
		h.Overrides[date] = clocks
	}
	return h
}

func (p Period) clock(f *apierr.Fields, at string) (availability.Clock, bool) {
	start, err1 := availability.ParseClock(p.Start)
	end, err2 := availability.ParseClock(p.End)
	switch {
	case err1 != nil:
		f.Add(at+".start", "must be a time of day, HH:MM")
	case err2 != nil:
		f.Add(at+".end", "must be a time of day, HH:MM, up to 24:00")
	case start >= end:
		f.Add(at+".end", "must be after the start")
	default:
		return availability.Clock{Start: start, End: end}, true
	}
	return availability.Clock{}, false
}

var weekdays = map[string]time.Weekday{
	"sunday": time.Sunday, "monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday,
	"thursday": time.Thursday, "friday": time.Friday, "saturday": time.Saturday,
}

// Refusals of a Store.
var (
	ErrNotFound = apierr.Missing("availability calendar")
	ErrNoUser   = organization.ErrNoUser
	// ErrHasDefault means that a user has a default calendar already.
	ErrHasDefault = errors.New("user has a default calendar")
)

// A Default says what a new calendar does to its user's default one.
type Default int

// The three ways.
const (
	KeepDefault  Default = iota // nothing
	FirstDefault                // becomes it, if there is none yet
	NewDefault                  // becomes it
)

// Store keeps calendars.
type Store interface {
	// Calendars returns all calendars of a user of the tenant, oldest first; none if
	// there is no such user.
	Calendars(ctx context.Context, t principal.Tenant, userID string) ([]Calendar, error)
	// CreateCalendar stores c and the record, if not nil, or neither. The error is
	// an [*idempotency.Replay], ErrNoUser, or with FirstDefault ErrHasDefault.
	CreateCalendar(ctx context.Context, t principal.Tenant, c Calendar, d Default, r *idempotency.Record) error

	organization.Store
}

// A Service is the work of the calendar routes.
type Service struct{ store Store }

// NewService returns a service over a store.
func NewService(store Store) *Service { return &Service{store} }

// CreateInput is the input of [Service.Create].
type CreateInput struct {
	IdempotencyKey string     `header:"Idempotency-Key" json:"-"`
	UserID         string     `path:"userId" json:"-"`
	Name           string     `json:"name"`
	TimeZone       string     `json:"timeZone"`
	IsDefault      bool       `json:"isDefault"`
	WeeklyHours    []Weekly   `json:"weeklyHours"`
	Overrides      []Override `json:"overrides"`
}

// Limits of a calendar.
const (
	maxWeekly    = 100
	maxOverrides = 1000
	maxPeriods   = 24 // of one override
)

// Create adds a calendar of a user. The first one becomes the default.
func (s *Service) Create(ctx context.Context, caller principal.Principal, in CreateInput) (Calendar, error) {
	if err := caller.Require(principal.AvailabilityWrite); err != nil {
		return Calendar{}, err
	}
	if !ids.Is(ids.User, in.UserID) {
		return Calendar{}, ErrNoUser
	}
	key, err := idempotency.NewKey("availability.create-calendar "+in.UserID, caller, in.IdempotencyKey, in)
	if err != nil {
		return Calendar{}, err
	}
	now := time.Now().UTC()
	c := Calendar{
		ID:          ids.New(ids.Calendar, now),
		UserID:      in.UserID,
		Name:        in.Name,
		TimeZone:    in.TimeZone,
		IsDefault:   true,
		WeeklyHours: orEmpty(in.WeeklyHours),
		Overrides:   orEmpty(slices.Clone(in.Overrides)),
		CreatedAt:   now.Truncate(time.Second),
	}
	for i := range c.Overrides {
		c.Overrides[i].Hours = orEmpty(c.Overrides[i].Hours)
	}
	if err := c.check(); err != nil {
		return Calendar{}, err
	}
	create := func(c Calendar, d Default) (Calendar, error) {
		return idempotency.Once(key, c, now, func(r *idempotency.Record) error {
			return s.store.CreateCalendar(ctx, caller.Tenant, c, d, r)
		})
	}
	if in.IsDefault {
		return create(c, NewDefault)
	}
	made, err := create(c, FirstDefault)
	if errors.Is(err, ErrHasDefault) {
		c.IsDefault = false
		return create(c, KeepDefault)
	}
	return made, err
}

func (c Calendar) check() error {
	var f apierr.Fields
	check.Name(&f, "name", c.Name)
	if len(c.WeeklyHours) > maxWeekly {
		f.Add("weeklyHours", "must have at most %d entries", maxWeekly)
	}
	if len(c.Overrides) > maxOverrides {
		f.Add("overrides", "must have at most %d entries", maxOverrides)
	}
	for i, o := range c.Overrides {
		if len(o.Hours) > maxPeriods {
			f.Add(fmt.Sprintf("overrides[%d].hours", i), "must have at most %d entries", maxPeriods)
		}
	}
	if err := f.Err(); err != nil {
		return err // before compiling what may be huge
	}
	c.compile(&f)
	return f.Err()
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// ListInput is the input of [Service.List].
type ListInput struct {
	UserID string `path:"userId" json:"-"`
}

// List returns all calendars of a user, oldest first, on one page (J-A1).
func (s *Service) List(ctx context.Context, caller principal.Principal, in ListInput) (page.Page[Calendar], error) {
	var none page.Page[Calendar]
	if err := caller.Require(principal.AvailabilityRead); err != nil {
		return none, err
	}
	if !ids.Is(ids.User, in.UserID) {
		return none, ErrNoUser
	}
	if _, err := s.store.User(ctx, caller.Tenant, in.UserID); err != nil {
		return none, err
	}
	all, err := s.store.Calendars(ctx, caller.Tenant, in.UserID)
	return page.Page[Calendar]{Items: all}, err
}

// GetInput is the input of [Service.Get].
type GetInput struct {
	UserID string `path:"userId" json:"-"`
	ID     string `path:"calendarId" json:"-"`
}

// Get returns one calendar of a user (J-A2).
func (s *Service) Get(ctx context.Context, caller principal.Principal, in GetInput) (Calendar, error) {
	if err := caller.Require(principal.AvailabilityRead); err != nil {
		return Calendar{}, err
	}
	if !ids.Is(ids.User, in.UserID) || !ids.Is(ids.Calendar, in.ID) {
		return Calendar{}, ErrNotFound
	}
	all, err := s.store.Calendars(ctx, caller.Tenant, in.UserID)
	if err != nil {
		return Calendar{}, err
	}
	return Pick(all, in.ID)
}

// Pick returns the calendar with the given id, or the default one for "". The error
// is ErrNotFound if it is not among them.
func Pick(all []Calendar, id string) (Calendar, error) {
	for _, c := range all {
		if c.ID == id || (id == "" && c.IsDefault) {
			return c, nil
		}
	}
	return Calendar{}, ErrNotFound
}
