// Package principal says who calls and what they may do.
package principal

import (
	"errors"
	"fmt"
	"strings"

	"keyslot/shared/apierr"
)

// A Kind is the sort of credential that a caller showed.
type Kind string

// APIKey is an organization's own key (design.md §2).
const APIKey Kind = "api_key"

// A Mode keeps test data and live data apart.
type Mode string

// The two modes. A credential belongs to one of them for good.
const (
	Live Mode = "live"
	Test Mode = "test"
)

// Modes lists both modes.
func Modes() []Mode { return []Mode{Live, Test} }

// Valid reports whether m is one of the two modes.
func (m Mode) Valid() bool { return m == Live || m == Test }

// A Tenant is what data belongs to: an organization, in one mode. Every key in the
// scheduling table begins with it, so that no query can cross.
type Tenant struct {
	Org  string `json:"organizationId"`
	Mode Mode   `json:"mode"`
}

// A Principal is the caller of a request. Only the authorizer makes one.
type Principal struct {
	Tenant
	Kind    Kind
	KeyID   string
	KeyName string
	User    string // the user it acts as; empty for the organization itself
	Scopes  Scopes
}

// Require returns nil if the principal holds the scope, and B-18's refusal otherwise.
func (p Principal) Require(s Scope) error {
	if !p.Scopes.Allow(s) {
		return apierr.Denied()
	}
	return nil
}

// Names of the values in the authorizer's context. API Gateway carries strings only.
const (
	keyKind    = "kind"
	keyOrg     = "org"
	keyMode    = "mode"
	keyKeyID   = "keyId"
	keyKeyName = "keyName"
	keyUser    = "user"
	keyScopes  = "scopes"
)

// Context returns p as the context that an authorizer hands to the gateway.
func (p Principal) Context() map[string]any {
	return map[string]any{
		keyKind:    string(p.Kind),
		keyOrg:     p.Org,
		keyMode:    string(p.Mode),
		keyKeyID:   p.KeyID,
		keyKeyName: p.KeyName,
		keyUser:    p.User,
		keyScopes:  p.Scopes.String(),
	}
}

// ErrNone means that a request reached a function without passing the authorizer.
var ErrNone = errors.New("request without a principal")

// FromContext reads what [Principal.Context] wrote. A context that lacks any part
// of an identity is [ErrNone]: fail closed.
func FromContext(values map[string]any) (Principal, error) {
	text := func(key string) string { s, _ := values[key].(string); return s }
	p := Principal{
		Tenant:  Tenant{Org: text(keyOrg), Mode: Mode(text(keyMode))},
		Kind:    Kind(text(keyKind)),
		KeyID:   text(keyKeyID),
		KeyName: text(keyKeyName),
		User:    text(keyUser),
	}
	if p.Org == "" || p.KeyID == "" || p.Kind != APIKey || !p.Mode.Valid() {
		return Principal{}, ErrNone
	}
	scopes, err := ParseScopes(strings.Fields(text(keyScopes)))
	if err != nil {
		return Principal{}, fmt.Errorf("%w: %w", ErrNone, err)
	}
	p.Scopes = scopes
	return p, nil
}
