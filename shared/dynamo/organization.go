package dynamo

import (
	"context"
	"errors"
	"time"

	"keyslot/shared/bootstrap"
	"keyslot/shared/organization"
	"keyslot/shared/principal"
)

type organizationItem struct {
	ID        string `dynamodbav:"id"`
	Name      string `dynamodbav:"name"`
	Plan      string `dynamodbav:"plan"`
	CreatedAt int64  `dynamodbav:"createdAt"` // Unix seconds
}

type userItem struct {
	ID        string `dynamodbav:"id"`
	Name      string `dynamodbav:"name"`
	Email     string `dynamodbav:"email"`
	TimeZone  string `dynamodbav:"timeZone"`
	Role      string `dynamodbav:"role"`
	CreatedAt int64  `dynamodbav:"createdAt"` // Unix seconds
}

// User implements [organization.Store].
func (t *Table) User(ctx context.Context, tenant principal.Tenant, id string) (organization.User, error) {
	item, err := get[userItem](ctx, t, userKey(tenant, id))
	if errors.Is(err, errNotFound) {
		return organization.User{}, organization.ErrNoUser
	}
	if err != nil {
		return organization.User{}, err
	}
	return organization.User{
		ID: item.ID, Name: item.Name, Email: item.Email, TimeZone: item.TimeZone,
		Role: organization.Role(item.Role), CreatedAt: time.Unix(item.CreatedAt, 0).UTC(),
	}, nil
}

// CreateOrganization implements [bootstrap.Store].
func (t *Table) CreateOrganization(ctx context.Context, s bootstrap.Setup) error {
	x := t.transaction()
	for _, r := range s.Keys {
		x.putCredential(r, bootstrap.ErrKeyExists)
	}
	x.countKeys(s.Organization.ID, len(s.Keys), errExists)
	org := organizationItem{
		ID: s.Organization.ID, Name: s.Organization.Name, Plan: string(s.Organization.Plan),
		CreatedAt: s.Organization.CreatedAt.Unix(),
	}
	for _, tenant := range tenants(org.ID) {
		x.putNew(organizationKey(tenant), org, errExists)
		for _, u := range s.Users {
			x.putNew(userKey(tenant, u.ID), userItem{
				ID: u.ID, Name: u.Name, Email: u.Email, TimeZone: u.TimeZone,
				Role: string(u.Role), CreatedAt: u.CreatedAt.Unix(),
			}, errExists)
		}
	}
	return x.patiently(ctx)
}

// errExists means that a fresh id is not fresh, which chance alone does not bring about.
var errExists = errors.New("item exists")
