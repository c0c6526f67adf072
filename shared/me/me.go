// Package me explains a caller to itself.
package me

import (
	"context"

	"keyslot/shared/apierr"
	"keyslot/shared/principal"
)

// Me is what a caller may know of its own credential: never the value.
type Me struct {
	Kind           principal.Kind `json:"kind"`
	OrganizationID string         `json:"organizationId"`
	Mode           principal.Mode `json:"mode"`
	KeyID          string         `json:"keyId"`
	KeyName        string         `json:"keyName"`
	UserID         *string        `json:"userId"` // null for the organization itself
	Scopes         []string       `json:"scopes"`
}

// Get returns the caller. It needs a scope, whichever: a key that is used from an
// address outside its allowlist has none, and may not even know that.
func Get(_ context.Context, caller principal.Principal, _ struct{}) (Me, error) {
	if len(caller.Scopes) == 0 {
		return Me{}, apierr.Denied()
	}
	m := Me{
		Kind:           caller.Kind,
		OrganizationID: caller.Org,
		Mode:           caller.Mode,
		KeyID:          caller.KeyID,
		KeyName:        caller.KeyName,
		Scopes:         caller.Scopes.Strings(),
	}
	if caller.User != "" {
		m.UserID = &caller.User
	}
	return m, nil
}
