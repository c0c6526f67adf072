package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyslot/shared/page"
	"keyslot/shared/principal"
)

// A listing is a query that is read page by page.
type listing struct {
	name  string // of the list; its cursors work with no other
	input dynamodb.QueryInput
	// position returns what in an item says where it stands, and after the key of the
	// item at that position; nil for what cannot be one.
	position func(item map[string]types.AttributeValue) string
	after    func(position string) map[string]types.AttributeValue
}

// list reads a page of a listing, whose items convert makes what callers know. It asks
// for one item more than the page holds, to know whether others follow.
func list[T, Out any](ctx context.Context, t *Table, tenant principal.Tenant, l listing, p page.Request, convert func(T) (Out, error)) (page.Page[Out], error) {
	var none page.Page[Out]
	position, err := page.Open(tenant, l.name, p.Cursor)
	if err != nil {
		return none, err
	}
	if position != "" {
		if l.input.ExclusiveStartKey = l.after(position); l.input.ExclusiveStartKey == nil {
			return none, page.ErrCursor
		}
	}
	l.input.Limit = aws.Int32(int32(p.Size() + 1)) //nolint:gosec // at most 101
	out, err := t.client.Query(ctx, &l.input)
	if err != nil {
		return none, fmt.Errorf("list %s: %w", l.name, err)
	}
	found := out.Items
	more := out.LastEvaluatedKey != nil // as when the items are too large for one answer
	if len(found) > p.Size() {
		found, more = found[:p.Size()], true
	}
	var items []T
	if err := attributevalue.UnmarshalListOfMaps(found, &items); err != nil {
		return none, fmt.Errorf("stored %s: %w", l.name, err)
	}
	result := page.Page[Out]{Items: make([]Out, len(items))}
	for i, item := range items {
		if result.Items[i], err = convert(item); err != nil {
			return none, err
		}
	}
	if more && len(found) > 0 {
		result.Next = page.Seal(tenant, l.name, l.position(found[len(found)-1]))
	}
	return result, nil
}

func textOf(item map[string]types.AttributeValue, name string) string {
	s, _ := item[name].(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}
