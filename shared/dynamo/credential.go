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
	GSI1PK    string   `dynamodbav:"gsi1pk,omitempty"`
	GSI1SK    string   `dynamodbav:"gsi1sk,omitempty"`
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
	Allowlist []string `dynamodbav:"allowlist,omitempty"`
	Version   int64    `dynamodbav:"version"`
	CreatedAt int64    `dynamodbav:"createdAt"`           // Unix seconds
	UpdatedAt int64    `dynamodbav:"updatedAt"`           // Unix seconds
	ExpiresAt int64    `dynamodbav:"expiresAt,omitempty"` // Unix seconds; absent: never
}

func newCredentialItem(r credential.Record) credentialItem {
	item := credentialItem{
		PK: credentialPK(r.ID, r.Lookup), ID: r.ID, Name: r.Name, Org: r.Tenant.Org, Mode: string(r.Tenant.Mode),
		User: r.User, Scopes: r.Scopes.Strings(), Status: string(r.Status), Mask: r.Mask, Lookup: r.Lookup,
		Hash: r.Hash, Pepper: r.Pepper, Allowlist: r.Allowlist, Version: r.Version,
		CreatedAt: r.CreatedAt.Unix(), UpdatedAt: r.UpdatedAt.Unix(),
		GSI1PK: tenantPK(r.Tenant), GSI1SK: keySortKey(r),
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
		Hash: i.Hash, Pepper: i.Pepper, Allowlist: i.Allowlist, Version: i.Version,
		CreatedAt: time.Unix(i.CreatedAt, 0).UTC(), UpdatedAt: time.Unix(i.UpdatedAt, 0).UTC(),
	}
	if i.ExpiresAt != 0 {
		r.ExpiresAt = time.Unix(i.ExpiresAt, 0).UTC()
	}
	return r, nil
}

// Credential implements [credential.Store].
func (t *Table) Credential(ctx context.Context, keyID, lookup string) (credential.Record, error) {
	item, err := t.credentialAt(ctx, credentialPK(keyID, lookup))
	if err != nil {
		return credential.Record{}, err
	}
	return item.record()
}

// credentialAt reads an item of the table of credentials.
func (t *Table) credentialAt(ctx context.Context, pk string) (credentialItem, error) {
	var item credentialItem
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &t.credentials,
		Key:            map[string]types.AttributeValue{attrPK: text(pk)},
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return item, fmt.Errorf("get credential: %w", err)
	}
	if out.Item == nil {
		return item, credential.ErrUnknown
	}
	if err := attributevalue.UnmarshalMap(out.Item, &item); err != nil {
		return item, fmt.Errorf("stored credential: %w", err)
	}
	return item, nil
}
