// Package bootstrap creates an organization with its first users and keys. It is
// the only way in without a key, and is invoked through IAM alone.
package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"time"

	"keyslot/shared/apierr"
	"keyslot/shared/check"
	"keyslot/shared/credential"
	"keyslot/shared/ids"
	"keyslot/shared/organization"
	"keyslot/shared/pepper"
	"keyslot/shared/principal"
	"keyslot/shared/secret"
)

// An Input describes what to create.
type Input struct {
	Organization struct {
		Name string            `json:"name"`
		Plan organization.Plan `json:"plan"`
	} `json:"organization"`
	Users []UserInput `json:"users"`
	Keys  []KeyInput  `json:"keys"`
}

// A UserInput describes a user.
type UserInput struct {
	Name     string            `json:"name"`
	Email    string            `json:"email"`
	TimeZone string            `json:"timeZone"` // IANA name
	Role     organization.Role `json:"role"`
}

// A KeyInput describes a key. Value is empty for a new key; for one that another
// system issued it is the old value, which keeps working (contract.md §7, 5).
type KeyInput struct {
	Name   string         `json:"name"`
	Mode   principal.Mode `json:"mode"`
	Scopes []string       `json:"scopes"`
	Value  string         `json:"value"`
}

// An Output is what was created. It is the only time that the values of the keys
// are shown (B-7).
type Output struct {
	Organization organization.Organization `json:"organization"`
	Users        []organization.User       `json:"users"`
	Keys         []KeyOutput               `json:"keys"`
}

// A KeyOutput is a key with its value.
type KeyOutput struct {
	ID     string         `json:"id"`
	Name   string         `json:"name"`
	Mode   principal.Mode `json:"mode"`
	Scopes []string       `json:"scopes"`
	Value  string         `json:"value"`
}

// A Setup is what a Store keeps of it.
type Setup struct {
	Organization organization.Organization
	Users        []organization.User
	Keys         []credential.Record
}

// ErrKeyExists means that an imported value is a key already.
var ErrKeyExists = apierr.New(apierr.Conflict, "One of the imported keys exists already.")

// Store keeps setups.
type Store interface {
	// CreateOrganization stores the organization and its users in both modes, and the
	// keys, or nothing at all. The error is ErrKeyExists if a key is there already.
	CreateOrganization(ctx context.Context, s Setup) error
}

// Limits of a setup: all of it fits into one transaction.
const (
	maxUsers = 20
	maxKeys  = 20
)

func (in Input) check() error {
	var f apierr.Fields
	check.Name(&f, "organization.name", in.Organization.Name)
	if in.Organization.Plan != organization.PlanPlatform {
		f.Add("organization.plan", "must be %q", organization.PlanPlatform)
	}
	if len(in.Users) == 0 || len(in.Users) > maxUsers {
		f.Add("users", "must have from 1 to %d entries", maxUsers)
	}
	owners := 0
	for i, u := range in.Users {
		at := fmt.Sprintf("users[%d]", i)
		check.Name(&f, at+".name", u.Name)
		check.Email(&f, at+".email", u.Email)
		check.Zone(&f, at+".timeZone", u.TimeZone)
		switch u.Role {
		case organization.Owner:
			owners++
		case organization.Admin, organization.Member:
		default:
			f.Add(at+".role", "must be owner, admin or member")
		}
	}
	if owners == 0 {
		f.Add("users", "must have an owner")
	}
	if len(in.Keys) == 0 || len(in.Keys) > maxKeys {
		f.Add("keys", "must have from 1 to %d entries", maxKeys)
	}
	for i, k := range in.Keys {
		at := fmt.Sprintf("keys[%d]", i)
		check.Name(&f, at+".name", k.Name)
		if !k.Mode.Valid() {
			f.Add(at+".mode", "must be live or test")
		}
		if _, err := principal.ParseScopes(k.Scopes); err != nil {
			f.Add(at+".scopes", "%v", err)
		}
		if k.Value == "" {
			continue
		}
		if e, ok := errors.AsType[*apierr.Error](credential.CheckImport(at+".value", secret.New(k.Value))); ok {
			f.Add(at+".value", "%s", e.Details[0].Message)
		}
	}
	return f.Err()
}

// Run creates what in describes, at now, with hashes under the current pepper.
func Run(ctx context.Context, store Store, ring pepper.Ring, in Input, now time.Time) (Output, error) {
	if err := in.check(); err != nil {
		return Output{}, err
	}
	created := now.UTC().Truncate(time.Second)
	out := Output{Organization: organization.Organization{
		ID: ids.New(ids.Organization, now), Name: in.Organization.Name, Plan: in.Organization.Plan, CreatedAt: created,
	}}
	for _, u := range in.Users {
		out.Users = append(out.Users, organization.User{
			ID: ids.New(ids.User, now), Name: u.Name, Email: u.Email, TimeZone: u.TimeZone, Role: u.Role, CreatedAt: created,
		})
	}
	setup := Setup{Organization: out.Organization, Users: out.Users}
	for _, k := range in.Keys {
		scopes, err := principal.ParseScopes(k.Scopes)
		if err != nil {
			return Output{}, err // checked above
		}
		r := credential.Record{
			ID: ids.NewAPIKey(), Name: k.Name, Tenant: principal.Tenant{Org: out.Organization.ID, Mode: k.Mode},
			Scopes: scopes, Status: credential.Enabled, CreatedAt: created, UpdatedAt: created, Version: 1,
		}
		value := secret.New(k.Value)
		if value.IsZero() {
			value = credential.NewValue(r.ID, k.Mode)
		}
		if err := r.Seal(value, ring, now); err != nil {
			return Output{}, err
		}
		setup.Keys = append(setup.Keys, r)
		out.Keys = append(out.Keys, KeyOutput{ID: r.ID, Name: k.Name, Mode: k.Mode, Scopes: scopes.Strings(), Value: value.Reveal()})
	}
	if err := store.CreateOrganization(ctx, setup); err != nil {
		return Output{}, fmt.Errorf("create organization: %w", err)
	}
	return out, nil
}
