package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyslot/shared/booking"
	"keyslot/shared/ledger"
	"keyslot/shared/page"
	"keyslot/shared/principal"
	"keyslot/shared/span"
)

// bookingItem is a booking as it is stored.
type bookingItem struct {
	GSI1PK       string            `dynamodbav:"gsi1pk,omitempty"`
	GSI1SK       string            `dynamodbav:"gsi1sk,omitempty"`
	ID           string            `dynamodbav:"id"`
	EventTypeID  string            `dynamodbav:"eventTypeId"`
	Status       string            `dynamodbav:"status"`
	Start        int64             `dynamodbav:"start"` // all times in Unix seconds
	End          int64             `dynamodbav:"end"`
	HostIDs      []string          `dynamodbav:"hostIds"`
	Attendee     attendeeItem      `dynamodbav:"attendee"`
	Cancellation *cancellationItem `dynamodbav:"cancellation,omitempty"`
	CreatedAt    int64             `dynamodbav:"createdAt"`
	UpdatedAt    int64             `dynamodbav:"updatedAt"`
	BufferBefore int64             `dynamodbav:"bufferBefore,omitempty"` // seconds
	BufferAfter  int64             `dynamodbav:"bufferAfter,omitempty"`
	Version      int64             `dynamodbav:"version"`
	Event        string            `dynamodbav:"event"`
}

type attendeeItem struct {
	Name     string `dynamodbav:"name"`
	Email    string `dynamodbav:"email"`
	TimeZone string `dynamodbav:"timeZone"`
}

type cancellationItem struct {
	At     int64  `dynamodbav:"at"`
	Reason string `dynamodbav:"reason"`
	By     string `dynamodbav:"by"`
}

func newBookingItem(b booking.Booking) bookingItem {
	item := bookingItem{
		ID: b.ID, EventTypeID: b.EventTypeID, Status: string(b.Status), Start: b.Start.Unix(), End: b.End.Unix(),
		Attendee: attendeeItem(b.Attendee), CreatedAt: b.CreatedAt.Unix(), UpdatedAt: b.UpdatedAt.Unix(),
		BufferBefore: b.BufferBefore, BufferAfter: b.BufferAfter, Version: b.Version, Event: b.Event,
	}
	for _, h := range b.Hosts {
		item.HostIDs = append(item.HostIDs, h.UserID)
	}
	if c := b.Cancellation; c != nil {
		item.Cancellation = &cancellationItem{At: c.At.Unix(), Reason: c.Reason, By: c.By}
	}
	return item
}

func (i bookingItem) booking() booking.Booking {
	b := booking.Booking{
		ID: i.ID, EventTypeID: i.EventTypeID, Status: booking.Status(i.Status),
		Start: time.Unix(i.Start, 0).UTC(), End: time.Unix(i.End, 0).UTC(),
		Attendee:  booking.Attendee(i.Attendee),
		CreatedAt: time.Unix(i.CreatedAt, 0).UTC(), UpdatedAt: time.Unix(i.UpdatedAt, 0).UTC(),
		BufferBefore: i.BufferBefore, BufferAfter: i.BufferAfter, Version: i.Version, Event: i.Event,
	}
	for _, id := range i.HostIDs {
		b.Hosts = append(b.Hosts, booking.Host{UserID: id})
	}
	if c := i.Cancellation; c != nil {
		b.Cancellation = &booking.Cancellation{At: time.Unix(c.At, 0).UTC(), Reason: c.Reason, By: c.By}
	}
	return b
}

// Booking implements [booking.Store].
func (t *Table) Booking(ctx context.Context, tenant principal.Tenant, id string) (booking.Booking, error) {
	item, err := get[bookingItem](ctx, t, bookingKey(tenant, id))
	if errors.Is(err, errNotFound) {
		return booking.Booking{}, booking.ErrNotFound
	}
	return item.booking(), err
}

// Bookings implements [booking.Store].
func (t *Table) Bookings(ctx context.Context, tenant principal.Tenant, p page.Request) (page.Page[booking.Booking], error) {
	return list(ctx, t, tenant, listing{
		name: "bookings",
		input: dynamodb.QueryInput{
			TableName:                 &t.scheduling,
			IndexName:                 aws.String(gsi1),
			KeyConditionExpression:    aws.String("gsi1pk = :pk"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text(bookingsPK(tenant))},
		},
		position: func(item map[string]types.AttributeValue) string { return textOf(item, attrGSI1SK) },
		after: func(position string) map[string]types.AttributeValue {
			id, ok := idInByStart(position)
			if !ok {
				return nil
			}
			from := bookingKey(tenant, id).attributes()
			from[attrGSI1PK], from[attrGSI1SK] = text(bookingsPK(tenant)), text(position)
			return from
		},
	}, p, func(i bookingItem) (booking.Booking, error) { return i.booking(), nil })
}

// dayItem is the ledger of a host on one day, as it is stored.
type dayItem struct {
	SK      string      `dynamodbav:"sk,omitempty"`
	Version int64       `dynamodbav:"version"`
	Entries []entryItem `dynamodbav:"entries"`
}

type entryItem struct {
	ID     string `dynamodbav:"id"`
	Start  int64  `dynamodbav:"start"` // Unix seconds
	End    int64  `dynamodbav:"end"`
	Before int64  `dynamodbav:"before,omitempty"` // seconds
	After  int64  `dynamodbav:"after,omitempty"`
}

// Days implements [ledger.Store].
func (t *Table) Days(ctx context.Context, tenant principal.Tenant, host string, within span.Span) ([]ledger.Day, error) {
	starts := ledger.Starts(within)
	if len(starts) == 0 {
		return nil, nil
	}
	least, most := dayKey(tenant, host, starts[0]), dayKey(tenant, host, starts[len(starts)-1])
	items, err := query[dayItem](ctx, t, least.pk, least.sk, most.sk)
	if err != nil {
		return nil, err
	}
	days := make([]ledger.Day, len(starts))
	for i, start := range starts {
		days[i] = ledger.Day{Host: host, Start: start}
		if len(items) == 0 || items[0].SK != dayKey(tenant, host, start).sk {
			continue
		}
		days[i].Version = items[0].Version
		for _, e := range items[0].Entries {
			days[i].Entries = append(days[i].Entries, ledger.Entry{
				ID: e.ID, Span: span.Span{Start: e.Start, End: e.End}, Before: e.Before, After: e.After,
			})
		}
		items = items[1:]
	}
	return days, nil
}

func newDayItem(d ledger.Day) dayItem {
	item := dayItem{Version: d.Version, Entries: []entryItem{}}
	for _, e := range d.Entries {
		item.Entries = append(item.Entries, entryItem{ID: e.ID, Start: e.Span.Start, End: e.Span.End, Before: e.Before, After: e.After})
	}
	return item
}

// outboxItem is an event that webhooks will tell.
type outboxItem struct {
	ID        string      `dynamodbav:"id"`
	Org       string      `dynamodbav:"org"`
	Mode      string      `dynamodbav:"mode"`
	Name      string      `dynamodbav:"name"`
	CreatedAt int64       `dynamodbav:"createdAt"` // Unix milliseconds
	ExpiresAt int64       `dynamodbav:"expiresAt"` // Unix seconds
	Booking   bookingItem `dynamodbav:"booking"`
}

// Apply implements [booking.Store].
func (t *Table) Apply(ctx context.Context, tenant principal.Tenant, c booking.Change) error {
	b := newBookingItem(c.Booking)
	event := outboxItem{
		ID: c.Event.ID, Org: tenant.Org, Mode: string(tenant.Mode), Name: string(c.Event.Name),
		CreatedAt: c.Event.CreatedAt.UnixMilli(), ExpiresAt: c.Event.ExpiresAt.Unix(), Booking: newBookingItem(c.Event.Booking),
	}
	b.GSI1PK, b.GSI1SK = bookingsPK(tenant), byStart(c.Booking.Start, b.ID)

	x := t.transaction()
	x.record(tenant, c.Record, c.Event.CreatedAt)
	x.putNext(bookingKey(tenant, b.ID), b, c.From, booking.ErrStale)
	for _, d := range c.Days {
		x.putNext(dayKey(tenant, d.Host, d.Start), newDayItem(d), d.Version-1, booking.ErrStale)
	}
	x.putNew(outboxKey(tenant, event.ID), event, booking.ErrStale)
	err := x.run(ctx)
	if errors.Is(err, errContention) {
		return booking.ErrStale
	}
	return err
}
