// Package dynamo keeps everything in DynamoDB. Its safety rests on conditions in
// transactions, never on a read before a write.
package dynamo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyslot/shared/awsclient"
	"keyslot/shared/principal"
)

// A Table is both tables of a deployment. It may be used by many goroutines.
type Table struct {
	client      *dynamodb.Client
	scheduling  string
	credentials string
}

// Open returns the tables that the environment of a function names. It reads one item
// ahead: the connection then stands before the first event, made while Lambda gives
// full CPU (design.md §8). What the answer is does not matter; a function that may not
// read items is refused over the same connection.
func Open() *Table {
	t := newTable()
	warm(func(ctx context.Context) { _, _ = get[struct{}](ctx, t, key{"none", "none"}) })
	return t
}

// OpenCredentials is Open for the authorizer, which may read nothing but credentials.
func OpenCredentials() *Table {
	t := newTable()
	warm(func(ctx context.Context) { _, _ = t.Credential(ctx, "none", "") })
	return t
}

func newTable() *Table {
	return &Table{
		client:      awsclient.DynamoDB(),
		scheduling:  os.Getenv("SCHEDULING_TABLE"),
		credentials: os.Getenv("CREDENTIALS_TABLE"),
	}
}

func warm(read func(context.Context)) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	read(ctx)
}

// errNotFound is the absence of an item.
var errNotFound = errors.New("no such item")

// get reads one item consistently. The error is errNotFound if there is none.
func get[T any](ctx context.Context, t *Table, k key) (T, error) {
	var item T
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &t.scheduling,
		Key:            k.attributes(),
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return item, fmt.Errorf("get %s: %w", k.sk, err)
	}
	if out.Item == nil {
		return item, errNotFound
	}
	if err := attributevalue.UnmarshalMap(out.Item, &item); err != nil {
		return item, fmt.Errorf("stored %s: %w", k.sk, err)
	}
	return item, nil
}

// put returns the put of an item under a key, as a part of a transaction.
func (t *Table) put(k key, item any) (*types.Put, error) {
	attributes, err := attributevalue.MarshalMap(item)
	if err != nil {
		return nil, fmt.Errorf("item %s: %w", k.sk, err)
	}
	attributes[attrPK], attributes[attrSK] = text(k.pk), text(k.sk)
	return &types.Put{TableName: &t.scheduling, Item: attributes}, nil
}

// The conditions of writes.
const (
	ifAbsent  = "attribute_not_exists(" + attrPK + ")"
	ifPresent = "attribute_exists(" + attrPK + ")"
)

// putNew is a put that fails if there is an item under the key.
func (t *Table) putNew(k key, item any) (types.TransactWriteItem, error) {
	put, err := t.put(k, item)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	put.ConditionExpression = aws.String(ifAbsent)
	return types.TransactWriteItem{Put: put}, nil
}

// putNext is a put that fails unless the item is in version from; 0: absent.
func (t *Table) putNext(k key, item any, from int64) (types.TransactWriteItem, error) {
	if from == 0 {
		return t.putNew(k, item)
	}
	put, err := t.put(k, item)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	put.ConditionExpression = aws.String("#v = :from")
	put.ExpressionAttributeNames = map[string]string{"#v": attrVersion}
	put.ExpressionAttributeValues = map[string]types.AttributeValue{":from": number(from)}
	return types.TransactWriteItem{Put: put}, nil
}

// exists is a part of a transaction that fails if there is no item under the key.
func (t *Table) exists(k key) types.TransactWriteItem {
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &t.scheduling, Key: k.attributes(), ConditionExpression: aws.String(ifPresent),
	}}
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// query reads all items of a partition whose sort keys are from least to most,
// consistently and in order.
func query[T any](ctx context.Context, t *Table, pk, least, most string) ([]T, error) {
	var items []T
	pages := dynamodb.NewQueryPaginator(t.client, &dynamodb.QueryInput{
		TableName:              &t.scheduling,
		ConsistentRead:         aws.Bool(true),
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :least AND :most"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":pk": text(pk), ":least": text(least), ":most": text(most),
		},
	})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("query %s…: %w", least, err)
		}
		var part []T
		if err := attributevalue.UnmarshalListOfMaps(out.Items, &part); err != nil {
			return nil, fmt.Errorf("stored %s…: %w", least, err)
		}
		items = append(items, part...)
	}
	return items, nil
}

// endOf returns a sort key behind all that begin with prefix.
func endOf(prefix string) string { return prefix + "\U0010FFFF" }

// tenants returns an organization in both modes.
func tenants(org string) []principal.Tenant {
	var all []principal.Tenant
	for _, mode := range principal.Modes() {
		all = append(all, principal.Tenant{Org: org, Mode: mode})
	}
	return all
}
