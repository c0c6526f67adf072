package dynamo

import (
	"context"
	"time"

	"keyslot/shared/calendar"
	"keyslot/shared/idempotency"
	"keyslot/shared/principal"
)

// calendarItem is an availability calendar as it is stored. Which one is the default
// is an item of its own, which has DefaultID only.
type calendarItem struct {
	ID        string         `dynamodbav:"id,omitempty"`
	UserID    string         `dynamodbav:"userId,omitempty"`
	Name      string         `dynamodbav:"name,omitempty"`
	TimeZone  string         `dynamodbav:"timeZone,omitempty"`
	Weekly    []weeklyItem   `dynamodbav:"weekly,omitempty"`
	Overrides []overrideItem `dynamodbav:"overrides,omitempty"`
	CreatedAt int64          `dynamodbav:"createdAt,omitempty"` // Unix seconds
	DefaultID string         `dynamodbav:"defaultId,omitempty"`
}

type weeklyItem struct {
	Days  []string `dynamodbav:"days"`
	Start string   `dynamodbav:"start"`
	End   string   `dynamodbav:"end"`
}

type overrideItem struct {
	Date  string       `dynamodbav:"date"`
	Hours []periodItem `dynamodbav:"hours"`
}

type periodItem struct {
	Start string `dynamodbav:"start"`
	End   string `dynamodbav:"end"`
}

func newCalendarItem(c calendar.Calendar) calendarItem {
	item := calendarItem{
		ID: c.ID, UserID: c.UserID, Name: c.Name, TimeZone: c.TimeZone, CreatedAt: c.CreatedAt.Unix(),
	}
	for _, w := range c.WeeklyHours {
		item.Weekly = append(item.Weekly, weeklyItem{w.Days, w.Start, w.End})
	}
	for _, o := range c.Overrides {
		hours := make([]periodItem, len(o.Hours))
		for i, p := range o.Hours {
			hours[i] = periodItem(p)
		}
		item.Overrides = append(item.Overrides, overrideItem{o.Date, hours})
	}
	return item
}

func (i calendarItem) calendar() calendar.Calendar {
	c := calendar.Calendar{
		ID: i.ID, UserID: i.UserID, Name: i.Name, TimeZone: i.TimeZone,
		WeeklyHours: []calendar.Weekly{}, Overrides: []calendar.Override{}, CreatedAt: time.Unix(i.CreatedAt, 0).UTC(),
	}
	for _, w := range i.Weekly {
		c.WeeklyHours = append(c.WeeklyHours, calendar.Weekly{Days: w.Days, Period: calendar.Period{Start: w.Start, End: w.End}})
	}
	for _, o := range i.Overrides {
		hours := make([]calendar.Period, len(o.Hours))
		for j, p := range o.Hours {
			hours[j] = calendar.Period(p)
		}
		c.Overrides = append(c.Overrides, calendar.Override{Date: o.Date, Hours: hours})
	}
	return c
}

// Calendars implements [calendar.Store].
func (t *Table) Calendars(ctx context.Context, tenant principal.Tenant, userID string) ([]calendar.Calendar, error) {
	items, err := query[calendarItem](ctx, t, hostPK(tenant, userID), prefixCalendar, endOf(prefixCalendar))
	if err != nil {
		return nil, err
	}
	all := []calendar.Calendar{}
	standard := ""
	for _, item := range items {
		if item.DefaultID != "" {
			standard = item.DefaultID
			continue
		}
		all = append(all, item.calendar())
	}
	for i := range all {
		all[i].IsDefault = all[i].ID == standard
	}
	return all, nil
}

// CreateCalendar implements [calendar.Store].
func (t *Table) CreateCalendar(ctx context.Context, tenant principal.Tenant, c calendar.Calendar, d calendar.Default, r *idempotency.Record) error {
	x := t.transaction()
	x.record(tenant, r, time.Now())
	x.exists(userKey(tenant, c.UserID), calendar.ErrNoUser)
	x.putNew(calendarKey(tenant, c.UserID, c.ID), newCalendarItem(c), errExists)
	pointer, to := defaultCalendarKey(tenant, c.UserID), calendarItem{DefaultID: c.ID}
	switch d {
	case calendar.KeepDefault:
	case calendar.FirstDefault:
		x.putNew(pointer, to, calendar.ErrHasDefault)
	case calendar.NewDefault:
		x.put(pointer, to)
	}
	return x.patiently(ctx)
}
