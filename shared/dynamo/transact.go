package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyslot/shared/apierr"
	"keyslot/shared/backoff"
	"keyslot/shared/idempotency"
	"keyslot/shared/principal"
)

// A transaction gathers writes that happen together or not at all. Each has the error
// that says its condition failed.
type transaction struct {
	table  *Table
	items  []types.TransactWriteItem
	errors []error
	err    error // of building the items
}

func (t *Table) transaction() *transaction { return &transaction{table: t} }

// add appends a write; failed is the error of its condition.
func (x *transaction) add(item types.TransactWriteItem, err, failed error) {
	if x.err == nil {
		x.err = err
	}
	x.items, x.errors = append(x.items, item), append(x.errors, failed)
}

func (x *transaction) putNew(k key, item any, failed error) {
	write, err := x.table.putNew(k, item)
	x.add(write, err, failed)
}

func (x *transaction) putNext(k key, item any, from int64, failed error) {
	write, err := x.table.putNext(k, item, from)
	x.add(write, err, failed)
}

// put writes whatever was there.
func (x *transaction) put(k key, item any) {
	put, err := x.table.put(k, item)
	x.add(types.TransactWriteItem{Put: put}, err, nil)
}

func (x *transaction) exists(k key, failed error) { x.add(x.table.exists(k), nil, failed) }

// errContention means that others write the same items; nothing was written.
var errContention = errors.New("contention")

// run makes the writes. If conditions failed, the error is that of the first such
// write, in the order in which they were added; if others were writing at the same
// time, it wraps errContention.
func (x *transaction) run(ctx context.Context) error {
	if x.err != nil {
		return x.err
	}
	_, err := x.table.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: x.items})
	if err == nil {
		return nil
	}
	cancelled, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok {
		if _, ok := errors.AsType[*types.TransactionInProgressException](err); ok {
			return fmt.Errorf("%w: %w", errContention, err)
		}
		return fmt.Errorf("transaction: %w", err)
	}
	for i, reason := range cancelled.CancellationReasons {
		if aws.ToString(reason.Code) != "ConditionalCheckFailed" || i >= len(x.errors) {
			continue
		}
		if errors.Is(x.errors[i], errRecorded) {
			return replay(reason.Item)
		}
		return x.errors[i]
	}
	for _, reason := range cancelled.CancellationReasons {
		switch aws.ToString(reason.Code) {
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
			return fmt.Errorf("%w: %w", errContention, err)
		}
	}
	return fmt.Errorf("transaction: %w", err)
}

// patiently runs a transaction whose writes depend on nothing that was read: on
// contention it simply runs again, and is [apierr.Busy] in the end.
func (x *transaction) patiently(ctx context.Context) error {
	const attempts, wait = 8, 20 * time.Millisecond
	for attempt := range attempts {
		err := x.run(ctx)
		if !errors.Is(err, errContention) {
			return err
		}
		if err := backoff.Sleep(ctx, wait<<min(attempt, 4)); err != nil {
			return err
		}
	}
	return apierr.Busy()
}

// recordItem is an idempotency record as it is stored.
type recordItem struct {
	ID        string `dynamodbav:"id"`
	Request   string `dynamodbav:"request"`
	Answer    []byte `dynamodbav:"answer"`
	ExpiresAt int64  `dynamodbav:"expiresAt"` // Unix seconds
}

func (r recordItem) record() idempotency.Record {
	return idempotency.Record{
		Key:       idempotency.Key{ID: r.ID, Request: r.Request},
		Answer:    r.Answer,
		ExpiresAt: time.Unix(r.ExpiresAt, 0).UTC(),
	}
}

// errRecorded marks the write of a record among the others.
var errRecorded = errors.New("recorded before")

// record adds an idempotency record, if there is one. It is the first write, so that
// a repeated request is told as such whatever else fails.
func (x *transaction) record(tenant principal.Tenant, r *idempotency.Record, now time.Time) {
	if r == nil {
		return
	}
	put, err := x.table.put(idempotencyKey(tenant, r.ID), recordItem{
		ID: r.ID, Request: r.Request, Answer: r.Answer, ExpiresAt: r.ExpiresAt.Unix(),
	})
	if err == nil {
		put.ConditionExpression = aws.String(ifAbsent + " OR " + attrExpiresAt + " <= :now")
		put.ExpressionAttributeValues = map[string]types.AttributeValue{":now": number(now.Unix())}
		put.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	}
	x.add(types.TransactWriteItem{Put: put}, err, errRecorded)
}

func replay(attributes map[string]types.AttributeValue) error {
	var item recordItem
	if err := attributevalue.UnmarshalMap(attributes, &item); err != nil {
		return fmt.Errorf("stored record: %w", err)
	}
	return &idempotency.Replay{Record: item.record()}
}

// Record implements [booking.Store].
func (t *Table) Record(ctx context.Context, tenant principal.Tenant, k idempotency.Key, now time.Time) (*idempotency.Record, error) {
	item, err := get[recordItem](ctx, t, idempotencyKey(tenant, k.ID))
	if errors.Is(err, errNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := item.record()
	if !now.Before(r.ExpiresAt) { // the table deletes days late
		return nil, nil
	}
	return &r, nil
}
