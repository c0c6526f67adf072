package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyslot/shared/eventtype"
	"keyslot/shared/idempotency"
	"keyslot/shared/ids"
	"keyslot/shared/page"
	"keyslot/shared/principal"
)

// eventTypeItem is an event type as it is stored.
type eventTypeItem struct {
	ID                   string     `dynamodbav:"id"`
	Title                string     `dynamodbav:"title"`
	Slug                 string     `dynamodbav:"slug"`
	Description          string     `dynamodbav:"description"`
	DurationMinutes      int        `dynamodbav:"durationMinutes"`
	SlotStepMinutes      int        `dynamodbav:"slotStepMinutes"`
	BufferBeforeMinutes  int        `dynamodbav:"bufferBeforeMinutes"`
	BufferAfterMinutes   int        `dynamodbav:"bufferAfterMinutes"`
	MinimumNoticeMinutes int        `dynamodbav:"minimumNoticeMinutes"`
	Hosts                []hostItem `dynamodbav:"hosts"`
	CreatedAt            int64      `dynamodbav:"createdAt"` // Unix seconds
}

type hostItem struct {
	UserID                 string `dynamodbav:"userId"`
	AvailabilityCalendarID string `dynamodbav:"availabilityCalendarId,omitempty"`
}

func newEventTypeItem(e eventtype.EventType) eventTypeItem {
	item := eventTypeItem{
		ID: e.ID, Title: e.Title, Slug: e.Slug, Description: e.Description,
		DurationMinutes: e.DurationMinutes, SlotStepMinutes: e.SlotStepMinutes,
		BufferBeforeMinutes: e.BufferBeforeMinutes, BufferAfterMinutes: e.BufferAfterMinutes,
		MinimumNoticeMinutes: e.MinimumNoticeMinutes, CreatedAt: e.CreatedAt.Unix(),
	}
	for _, h := range e.Hosts {
		item.Hosts = append(item.Hosts, hostItem(h))
	}
	return item
}

func (i eventTypeItem) eventType() eventtype.EventType {
	e := eventtype.EventType{
		ID: i.ID, Title: i.Title, Slug: i.Slug, Description: i.Description,
		DurationMinutes: i.DurationMinutes, SlotStepMinutes: i.SlotStepMinutes,
		BufferBeforeMinutes: i.BufferBeforeMinutes, BufferAfterMinutes: i.BufferAfterMinutes,
		MinimumNoticeMinutes: i.MinimumNoticeMinutes, CreatedAt: time.Unix(i.CreatedAt, 0).UTC(),
	}
	for _, h := range i.Hosts {
		e.Hosts = append(e.Hosts, eventtype.Host(h))
	}
	return e
}

// EventType implements [eventtype.Store].
func (t *Table) EventType(ctx context.Context, tenant principal.Tenant, id string) (eventtype.EventType, error) {
	item, err := get[eventTypeItem](ctx, t, eventTypeKey(tenant, id))
	if errors.Is(err, errNotFound) {
		return eventtype.EventType{}, eventtype.ErrNotFound
	}
	return item.eventType(), err
}

// EventTypes implements [eventtype.Store].
func (t *Table) EventTypes(ctx context.Context, tenant principal.Tenant, p page.Request) (page.Page[eventtype.EventType], error) {
	return list(ctx, t, tenant, listing{
		name: "event types",
		input: dynamodb.QueryInput{
			TableName:              &t.scheduling,
			ConsistentRead:         aws.Bool(true),
			KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :prefix)"),
			ExpressionAttributeValues: map[string]types.AttributeValue{
				":pk": text(tenantPK(tenant)), ":prefix": text(prefixEventType),
			},
		},
		position: func(item map[string]types.AttributeValue) string { return textOf(item, "id") },
		after: func(id string) map[string]types.AttributeValue {
			if !ids.Is(ids.EventType, id) {
				return nil
			}
			return eventTypeKey(tenant, id).attributes()
		},
	}, p, func(i eventTypeItem) (eventtype.EventType, error) { return i.eventType(), nil })
}

// slugItem holds a slug for one event type.
type slugItem struct {
	EventTypeID string `dynamodbav:"eventTypeId"`
}

// CreateEventType implements [eventtype.Store].
func (t *Table) CreateEventType(ctx context.Context, tenant principal.Tenant, e eventtype.EventType, r *idempotency.Record) error {
	x := t.transaction()
	x.record(tenant, r, time.Now())
	x.putNew(slugKey(tenant, e.Slug), slugItem{e.ID}, eventtype.ErrSlugTaken)
	x.putNew(eventTypeKey(tenant, e.ID), newEventTypeItem(e), errExists)
	for _, h := range e.Hosts {
		x.exists(userKey(tenant, h.UserID), eventtype.ErrHost)
		if h.AvailabilityCalendarID != "" {
			x.exists(calendarKey(tenant, h.UserID, h.AvailabilityCalendarID), eventtype.ErrHost)
		}
	}
	return x.patiently(ctx)
}
