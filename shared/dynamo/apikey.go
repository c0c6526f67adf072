package dynamo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyslot/shared/apikey"
	"keyslot/shared/credential"
	"keyslot/shared/idempotency"
	"keyslot/shared/ids"
	"keyslot/shared/page"
	"keyslot/shared/principal"
)

// keySortKey is the sort key of a key in gsi1: by the second of its making, then by id.
// An imported one's also says where it is found.
func keySortKey(r credential.Record) string {
	sk := fmt.Sprintf("%011d#%s", r.CreatedAt.Unix(), r.ID)
	if r.Lookup != "" {
		sk += "#" + r.Lookup
	}
	return sk
}

// keyAt returns the primary key of the item at a sort key of gsi1.
func keyAt(sortKey string) (pk string, ok bool) {
	_, rest, _ := strings.Cut(sortKey, "#")
	id, lookup, _ := strings.Cut(rest, "#")
	return credentialPK(id, lookup), ids.Is(ids.APIKey, id)
}

// pointerItem says where the item of an imported key is.
type pointerItem struct {
	PK     string `dynamodbav:"pk"`
	Lookup string `dynamodbav:"lookup"`
}

// auditItem is an audit event as it is stored.
type auditItem struct {
	ID     string `dynamodbav:"id"`
	Action string `dynamodbav:"action"`
	At     int64  `dynamodbav:"at"` // Unix milliseconds
	Actor  string `dynamodbav:"actor"`
	Target string `dynamodbav:"target"`
}

func (x *transaction) audit(t principal.Tenant, a apikey.Audit) {
	x.putNew(auditKey(t, a.ID), auditItem{
		ID: a.ID, Action: string(a.Action), At: a.At.UnixMilli(), Actor: a.Actor, Target: a.Target,
	}, errExists)
}

// putCredential adds a new key, and for an imported one where it is.
func (x *transaction) putCredential(r credential.Record, failed error) {
	items := []any{newCredentialItem(r)}
	if r.Lookup != "" {
		items = append(items, pointerItem{PK: credentialPK(r.ID, ""), Lookup: r.Lookup})
	}
	for _, item := range items {
		attributes, err := attributevalue.MarshalMap(item)
		x.add(types.TransactWriteItem{Put: &types.Put{
			TableName: &x.table.credentials, Item: attributes, ConditionExpression: aws.String(ifAbsent),
		}}, err, failed)
	}
}

// countKeys adds n to the number of an organization's keys. It fails if that is more
// than apikey.Max then.
func (x *transaction) countKeys(org string, n int, failed error) {
	x.add(types.TransactWriteItem{Update: &types.Update{
		TableName:                &x.table.credentials,
		Key:                      map[string]types.AttributeValue{attrPK: text(countPK(org))},
		UpdateExpression:         aws.String("ADD #keys :n"),
		ConditionExpression:      aws.String("attribute_not_exists(#keys) OR #keys <= :most"),
		ExpressionAttributeNames: map[string]string{"#keys": "keys"},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":n": number(int64(n)), ":most": number(int64(apikey.Max - n)),
		},
	}}, nil, failed)
}

// Key implements [apikey.Store].
func (t *Table) Key(ctx context.Context, tenant principal.Tenant, id string) (credential.Record, error) {
	item, err := t.credentialAt(ctx, credentialPK(id, ""))
	if err == nil && item.Hash == nil { // it says where an imported key is
		item, err = t.credentialAt(ctx, credentialPK("", item.Lookup))
	}
	if errors.Is(err, credential.ErrUnknown) {
		return credential.Record{}, apikey.ErrNotFound
	}
	if err != nil {
		return credential.Record{}, err
	}
	r, err := item.record()
	if err == nil && r.Tenant != tenant {
		return credential.Record{}, apikey.ErrNotFound
	}
	return r, err
}

// Keys implements [apikey.Store].
func (t *Table) Keys(ctx context.Context, tenant principal.Tenant, p page.Request) (page.Page[credential.Record], error) {
	return list(ctx, t, tenant, listing{
		name: "api keys",
		input: dynamodb.QueryInput{
			TableName:                 &t.credentials,
			IndexName:                 aws.String(gsi1),
			KeyConditionExpression:    aws.String("gsi1pk = :pk"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text(tenantPK(tenant))},
		},
		position: func(item map[string]types.AttributeValue) string { return textOf(item, attrGSI1SK) },
		after: func(position string) map[string]types.AttributeValue {
			pk, ok := keyAt(position)
			if !ok {
				return nil
			}
			return map[string]types.AttributeValue{
				attrPK: text(pk), attrGSI1PK: text(tenantPK(tenant)), attrGSI1SK: text(position),
			}
		},
	}, p, credentialItem.record)
}

// CreateKey implements [apikey.Store].
func (t *Table) CreateKey(ctx context.Context, r credential.Record, a apikey.Audit, i *idempotency.Record) error {
	x := t.transaction()
	x.record(r.Tenant, i, time.Now())
	x.countKeys(r.Tenant.Org, 1, apikey.ErrLimit)
	x.putCredential(r, apikey.ErrExists)
	x.audit(r.Tenant, a)
	return x.patiently(ctx)
}

// UpdateKey implements [apikey.Store].
func (t *Table) UpdateKey(ctx context.Context, r credential.Record, a apikey.Audit) error {
	x := t.transaction()
	attributes, err := attributevalue.MarshalMap(newCredentialItem(r))
	x.add(types.TransactWriteItem{Put: &types.Put{
		TableName: &t.credentials, Item: attributes,
		ConditionExpression: aws.String("#v = :from"), ExpressionAttributeNames: map[string]string{"#v": attrVersion},
		ExpressionAttributeValues: map[string]types.AttributeValue{":from": number(r.Version - 1)},
	}}, err, apikey.ErrStale)
	x.audit(r.Tenant, a)
	return x.patiently(ctx)
}

// DeleteKey implements [apikey.Store].
func (t *Table) DeleteKey(ctx context.Context, r credential.Record, a apikey.Audit) error {
	x := t.transaction()
	x.add(types.TransactWriteItem{Delete: &types.Delete{
		TableName: &t.credentials, Key: map[string]types.AttributeValue{attrPK: text(credentialPK(r.ID, r.Lookup))},
		ConditionExpression: aws.String("#v = :version"), ExpressionAttributeNames: map[string]string{"#v": attrVersion},
		ExpressionAttributeValues: map[string]types.AttributeValue{":version": number(r.Version)},
	}}, nil, apikey.ErrStale)
	if r.Lookup != "" {
		x.add(types.TransactWriteItem{Delete: &types.Delete{
			TableName: &t.credentials, Key: map[string]types.AttributeValue{attrPK: text(credentialPK(r.ID, ""))},
		}}, nil, errExists)
	}
	x.countKeys(r.Tenant.Org, -1, errExists)
	x.audit(r.Tenant, a)
	return x.patiently(ctx)
}
