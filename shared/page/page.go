// Package page cuts lists into pages. A cursor is opaque to callers; it is bound to
// the tenant and the query that it came from (design.md §3).
package page

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"

	"keyslot/shared/apierr"
	"keyslot/shared/principal"
)

// How many items a page has.
const (
	DefaultLimit = 20
	MaxLimit     = 100
)

// A Request is what a caller asks of a list.
type Request struct {
	Limit  *int   `query:"limit" json:"-"`
	Cursor string `query:"cursor" json:"-"`
}

// A Page is a part of a list. More items follow if Next is not empty.
type Page[T any] struct {
	Items []T
	Next  string // the cursor of the following page
}

// Parts returns the items and the next cursor of a page whose items' type the reader
// does not know. The items are never nil: an empty list is [] in JSON, not null.
func (p Page[T]) Parts() (items any, next string) {
	if p.Items == nil {
		return []T{}, p.Next
	}
	return p.Items, p.Next
}

// Check returns an error that names the parameter that is wrong, if any is. A cursor
// is checked where its query is known, by [Open].
func (r Request) Check() error {
	if r.Limit != nil && (*r.Limit < 1 || *r.Limit > MaxLimit) {
		return apierr.Invalid("limit", "must be from 1 to %d", MaxLimit)
	}
	return nil
}

// Size returns the number of items asked for.
func (r Request) Size() int {
	if r.Limit == nil {
		return DefaultLimit
	}
	return *r.Limit
}

// sealed is a cursor before its encoding. The position alone leads nowhere: the rest
// of every key comes from the tenant of whoever shows the cursor.
type sealed struct {
	Query    string `json:"q"`
	Position string `json:"p"`
}

// Seal returns the cursor that continues a tenant's query behind position.
func Seal(t principal.Tenant, query, position string) string {
	js, err := json.Marshal(sealed{bind(t, query), position})
	if err != nil {
		panic(err) // two strings
	}
	return base64.RawURLEncoding.EncodeToString(js)
}

// ErrCursor is the refusal of what is no cursor of the list.
var ErrCursor = apierr.Invalid("cursor", "is not a cursor of this list")

// Open returns the position in a cursor, or "" for an empty one. A cursor of another
// query or tenant is ErrCursor.
func Open(t principal.Tenant, query, cursor string) (position string, err error) {
	if cursor == "" {
		return "", nil
	}
	var s sealed
	js, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(js, &s)
	}
	if err != nil || s.Query != bind(t, query) || s.Position == "" {
		return "", ErrCursor
	}
	return s.Position, nil
}

func bind(t principal.Tenant, query string) string {
	sum := sha256.Sum256([]byte(t.Org + "\x00" + string(t.Mode) + "\x00" + query))
	return hex.EncodeToString(sum[:8])
}
