package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyslot/shared/credential"
	"keyslot/shared/principal"
)

// credentialItem is an API key as it is stored.
type credentialItem struct {
	PK        string   `dynamodbav:"pk"`
	ID        string   `dynamodbav:"id"`
	Name      string   `dynamodbav:"name"`
	Org       string   `dynamodbav:"org"`
	Mode      string   `dynamodbav:"mode"`
	User      string   `dynamodbav:"user,omitempty"`
	Scopes    []string `dynamodbav:"scopes"`
	Status    string   `dynamodbav:"status"`
	Mask      string   `dynamodbav:"mask"`
	Lookup    string   `dynamodbav:"lookup,omitempty"`
	Hash      []byte   `dynamodbav:"hash"`
	Pepper    int      `dynamodbav:"pepper"`
	CreatedAt int64    `dynamodbav:"createdAt"`           // Unix seconds
	ExpiresAt int64    `dynamodbav:"expiresAt,omitempty"` // Unix seconds; absent: never
}

func newCredentialItem(r credential.Record) credentialItem {
	item := credentialItem{
		PK: credentialPK(r.ID, r.Lookup), ID: r.ID, Name: r.Name, Org: r.Tenant.Org, Mode: string(r.Tenant.Mode),
		User: r.User, Scopes: r.Scopes.Strings(), Status: string(r.Status), Mask: r.Mask, Lookup: r.Lookup,
		Hash: r.Hash, Pepper: r.Pepper, CreatedAt: r.CreatedAt.Unix(),
	}
	if !r.ExpiresAt.IsZero() {
		item.ExpiresAt = r.ExpiresAt.Unix()
	}
	return item
}

func (i credentialItem) record() (credential.Record, error) {
	scopes, err := principal.ParseScopes(i.Scopes)
	if err != nil {
		return credential.Record{}, fmt.Errorf("stored key %s: %w", i.ID, err)
	}
	r := credential.Record{
		ID: i.ID, Name: i.Name, Tenant: principal.Tenant{Org: i.Org, Mode: principal.Mode(i.Mode)},
		User: i.User, Scopes: scopes, Status: credential.Status(i.Status), Mask: i.Mask, Lookup: i.Lookup,
		Hash: i.Hash, Pepper: i.Pepper, CreatedAt: time.Unix(i.CreatedAt, 0).UTC(),
	}
	if i.ExpiresAt != 0 {
		r.ExpiresAt = time.Unix(i.ExpiresAt, 0).UTC()
	}
	return r, nil
}

// Credential implements [credential.Store].
func (t *Table) Credential(ctx context.Context, keyID, lookup string) (credential.Record, error) {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &t.credentials,
		Key:            map[string]types.AttributeValue{attrPK: text(credentialPK(keyID, lookup))},
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return credential.Record{}, fmt.Errorf("get credential: %w", err)
	}
	if out.Item == nil {
		return credential.Record{}, credential.ErrUnknown
	}
	var item credentialItem
	if err := attributevalue.UnmarshalMap(out.Item, &item); err != nil {
		return credential.Record{}, fmt.Errorf("stored credential: %w", err)
	}
	return item.record()
}

// putCredential is a part of a transaction that fails if the key, or the imported
// value, is there already.
func (t *Table) putCredential(r credential.Record) (types.TransactWriteItem, error) {
	attributes, err := attributevalue.MarshalMap(newCredentialItem(r))
	if err != nil {
		return types.TransactWriteItem{}, fmt.Errorf("credential %s: %w", r.ID, err)
	}
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &t.credentials, Item: attributes, ConditionExpression: aws.String(ifAbsent),
	}}, nil
}
