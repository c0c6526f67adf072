package apikey

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"keyslot/shared/allowlist"
	"keyslot/shared/apierr"
	"keyslot/shared/check"
	"keyslot/shared/credential"
	"keyslot/shared/idempotency"
	"keyslot/shared/ids"
	"keyslot/shared/page"
	"keyslot/shared/principal"
	"keyslot/shared/secret"
)

// A Service is the work of the API key routes. Keys manage keys of their own
// organization and mode only.
type Service struct {
	store   Store
	peppers Peppers
}

// NewService returns a service over a store. Only routes that make values need peppers.
func NewService(store Store, peppers Peppers) *Service { return &Service{store, peppers} }

// defaultName is that of a key which was made without a name (D-4).
const defaultName = "API key"

// CreateInput is the input of [Service.Create]. Nothing is required: one click makes
// a key (D-4), which may do what its maker may.
type CreateInput struct {
	IdempotencyKey string    `header:"Idempotency-Key" json:"-"`
	Name           *string   `json:"name"`
	Scopes         *[]string `json:"scopes"`
	Allowlist      []string  `json:"allowlist"`
	ExpiresAt      *string   `json:"expiresAt"`
}

// Create makes a key (D-4, B-6). It may not do more than its maker.
func (s *Service) Create(ctx context.Context, caller principal.Principal, in CreateInput) (Created, error) {
	if err := caller.Require(principal.APIKeysWrite); err != nil {
		return Created{}, err
	}
	r, err := fresh(caller, change{Name: in.Name, Scopes: in.Scopes, Allowlist: &in.Allowlist, ExpiresAt: in.ExpiresAt})
	if err != nil {
		return Created{}, err
	}
	return s.create(ctx, caller, "api-keys.create", in.IdempotencyKey, in, r, secret.Text{})
}

// ImportInput is the input of [Service.Import].
type ImportInput struct {
	IdempotencyKey string    `header:"Idempotency-Key" json:"-"`
	Value          string    `json:"value"`
	Name           *string   `json:"name"`
	Scopes         *[]string `json:"scopes"`
	Allowlist      []string  `json:"allowlist"`
	ExpiresAt      *string   `json:"expiresAt"`
}

// Import makes a key of a value that another system issued, which keeps working
// (contract.md §7, 5). The answer does not repeat the value: the caller has it.
func (s *Service) Import(ctx context.Context, caller principal.Principal, in ImportInput) (Key, error) {
	if err := caller.Require(principal.APIKeysWrite); err != nil {
		return Key{}, err
	}
	value := secret.New(in.Value)
	if err := credential.CheckImport("value", value); err != nil {
		return Key{}, err
	}
	r, err := fresh(caller, change{Name: in.Name, Scopes: in.Scopes, Allowlist: &in.Allowlist, ExpiresAt: in.ExpiresAt})
	if err != nil {
		return Key{}, err
	}
	in.Value = credential.Mask(value) // a digest of a value is a secret too
	made, err := s.create(ctx, caller, "api-keys.import", in.IdempotencyKey, in, r, value)
	return made.Key, err
}

// CloneInput is the input of [Service.Clone].
type CloneInput struct {
	IdempotencyKey string `header:"Idempotency-Key" json:"-"`
	ID             string `path:"keyId" json:"-"`
}

// Clone makes a key with the scopes and the allowlist of another, and a new value
// (D-24).
func (s *Service) Clone(ctx context.Context, caller principal.Principal, in CloneInput) (Created, error) {
	of, err := s.find(ctx, caller, principal.APIKeysWrite, in.ID)
	if err != nil {
		return Created{}, err
	}
	if of.Status == credential.Revoked {
		return Created{}, errRevoked
	}
	if !caller.Scopes.Cover(of.Scopes) {
		return Created{}, apierr.Denied()
	}
	r := credential.Record{Name: of.Name, User: of.User, Scopes: of.Scopes, Allowlist: of.Allowlist, ExpiresAt: of.ExpiresAt}
	return s.create(ctx, caller, "api-keys.clone "+in.ID, in.IdempotencyKey, in, r, secret.Text{})
}

// fresh returns the record of a key that may do what its maker may, but for what the
// maker wants of it.
func fresh(caller principal.Principal, wanted change) (credential.Record, error) {
	r := credential.Record{Name: defaultName, Scopes: caller.Scopes}
	err := wanted.apply(&r, caller, time.Now())
	return r, err
}

// create gives r an id and, unless it has one already, a value, and stores it.
func (s *Service) create(ctx context.Context, caller principal.Principal, operation, header string, in any, r credential.Record, value secret.Text) (Created, error) {
	key, err := idempotency.NewKey(operation, caller, header, in)
	if err != nil {
		return Created{}, err
	}
	ring, err := s.peppers.Ring(ctx)
	if err != nil {
		return Created{}, err
	}
	now := time.Now().UTC()
	r.ID, r.Tenant, r.Status, r.Version = ids.NewAPIKey(), caller.Tenant, credential.Enabled, 1
	r.CreatedAt, r.UpdatedAt = now.Truncate(time.Second), now.Truncate(time.Second)
	if value.IsZero() {
		value = credential.NewValue(r.ID, caller.Mode)
	}
	if err := r.Seal(value, ring, now); err != nil {
		return Created{}, err
	}
	// What is recorded for a retry has no value in it: no table ever holds one.
	made, err := idempotency.Once(key, Created{Key: view(r)}, now, func(i *idempotency.Record) error {
		return s.store.CreateKey(ctx, r, audit(caller, ActionCreated, r.ID), i)
	})
	if err == nil && made.ID == r.ID {
		made.Value = new(value.Reveal())
	}
	return made, err
}

func audit(caller principal.Principal, action Action, target string) Audit {
	now := time.Now().UTC()
	return Audit{ID: ids.New(ids.AuditEvent, now), Action: action, At: now, Actor: caller.KeyID, Target: target}
}

// ListInput is the input of [Service.List].
type ListInput = page.Request

// List returns a page of the keys, oldest first and masked (J-K2, D-7).
func (s *Service) List(ctx context.Context, caller principal.Principal, in ListInput) (page.Page[Key], error) {
	var none page.Page[Key]
	if err := caller.Require(principal.APIKeysRead); err != nil {
		return none, err
	}
	if err := in.Check(); err != nil {
		return none, err
	}
	p, err := s.store.Keys(ctx, caller.Tenant, in)
	if err != nil {
		return none, err
	}
	keys := page.Page[Key]{Next: p.Next}
	for _, r := range p.Items {
		keys.Items = append(keys.Items, view(r))
	}
	return keys, nil
}

// IDInput is the input of the routes of one key.
type IDInput struct {
	ID string `path:"keyId" json:"-"`
}

// Get returns one key, masked.
func (s *Service) Get(ctx context.Context, caller principal.Principal, in IDInput) (Key, error) {
	r, err := s.find(ctx, caller, principal.APIKeysRead, in.ID)
	if err != nil {
		return Key{}, err
	}
	return view(r), nil
}

func (s *Service) find(ctx context.Context, caller principal.Principal, scope principal.Scope, id string) (credential.Record, error) {
	if err := caller.Require(scope); err != nil {
		return credential.Record{}, err
	}
	if !ids.Is(ids.APIKey, id) {
		return credential.Record{}, ErrNotFound
	}
	return s.store.Key(ctx, caller.Tenant, id)
}

// UpdateInput is the input of [Service.Update]. What is absent stays as it is; an
// empty expiresAt takes the expiry away.
type UpdateInput struct {
	ID        string    `path:"keyId" json:"-"`
	Name      *string   `json:"name"`
	Scopes    *[]string `json:"scopes"`
	Allowlist *[]string `json:"allowlist"`
	ExpiresAt *string   `json:"expiresAt"`
}

// Update renames a key (D-8) or changes what it may (D-9, D-16). Its value stays (D-6).
func (s *Service) Update(ctx context.Context, caller principal.Principal, in UpdateInput) (Key, error) {
	c := change{Name: in.Name, Scopes: in.Scopes, Allowlist: in.Allowlist, ExpiresAt: in.ExpiresAt}
	return s.change(ctx, caller, in.ID, ActionUpdated, func(r *credential.Record) error {
		if r.Status == credential.Revoked {
			return errRevoked
		}
		return c.apply(r, caller, time.Now())
	})
}

var errRevoked = apierr.New(apierr.InvalidState, "The API key is revoked, for good.")

// Enable lets a disabled key be used again (D-22).
func (s *Service) Enable(ctx context.Context, caller principal.Principal, in IDInput) (Key, error) {
	return s.setStatus(ctx, caller, in.ID, ActionEnabled, credential.Enabled)
}

// Disable stops a key until it is enabled again (D-22).
func (s *Service) Disable(ctx context.Context, caller principal.Principal, in IDInput) (Key, error) {
	return s.setStatus(ctx, caller, in.ID, ActionDisabled, credential.Disabled)
}

// Revoke stops a key for good (B-14).
func (s *Service) Revoke(ctx context.Context, caller principal.Principal, in IDInput) (Key, error) {
	return s.setStatus(ctx, caller, in.ID, ActionRevoked, credential.Revoked)
}

// setStatus may be repeated: a key that is in the state already is left alone.
func (s *Service) setStatus(ctx context.Context, caller principal.Principal, id string, action Action, to credential.Status) (Key, error) {
	return s.change(ctx, caller, id, action, func(r *credential.Record) error {
		if r.Status == credential.Revoked && to != credential.Revoked {
			return errRevoked
		}
		// Enabling a key again gives what it may: not more than the caller has.
		if to == credential.Enabled && !caller.Scopes.Cover(r.Scopes) {
			return apierr.Denied()
		}
		r.Status = to
		return nil
	})
}

// attempts is how often a change is tried while others are quicker.
const attempts = 8

// change reads a key, changes it and stores it, again if another was quicker.
func (s *Service) change(ctx context.Context, caller principal.Principal, id string, action Action, do func(*credential.Record) error) (Key, error) {
	for range attempts {
		r, err := s.find(ctx, caller, principal.APIKeysWrite, id)
		if err != nil {
			return Key{}, err
		}
		before := view(r)
		if err := do(&r); err != nil {
			return Key{}, err
		}
		if equal(before, view(r)) {
			return before, nil
		}
		r.Version++
		r.UpdatedAt = time.Now().UTC().Truncate(time.Second)
		err = s.store.UpdateKey(ctx, r, audit(caller, action, id))
		if err == nil {
			return view(r), nil
		}
		if !errors.Is(err, ErrStale) {
			return Key{}, fmt.Errorf("%s: %w", action, err)
		}
	}
	return Key{}, apierr.Busy()
}

func equal(a, b Key) bool {
	sameExpiry := a.ExpiresAt == nil && b.ExpiresAt == nil || a.ExpiresAt != nil && b.ExpiresAt != nil && a.ExpiresAt.Equal(*b.ExpiresAt)
	return a.Name == b.Name && a.Status == b.Status && sameExpiry && slices.Equal(a.Scopes, b.Scopes) && slices.Equal(a.Allowlist, b.Allowlist)
}

// Delete removes a key, which must not be enabled (D-25, D-27). It returns what the
// key was.
func (s *Service) Delete(ctx context.Context, caller principal.Principal, in IDInput) (Key, error) {
	for range attempts {
		r, err := s.find(ctx, caller, principal.APIKeysWrite, in.ID)
		if err != nil {
			return Key{}, err
		}
		if r.Status == credential.Enabled {
			return Key{}, apierr.New(apierr.KeyEnabled, "Disable or revoke the API key before deleting it.")
		}
		err = s.store.DeleteKey(ctx, r, audit(caller, ActionDeleted, r.ID))
		if err == nil {
			return view(r), nil
		}
		if !errors.Is(err, ErrStale) {
			return Key{}, fmt.Errorf("%s: %w", ActionDeleted, err)
		}
	}
	return Key{}, apierr.Busy()
}

// A change is what a caller wants of a key; nil leaves it as it is.
type change struct {
	Name      *string
	Scopes    *[]string
	Allowlist *[]string
	ExpiresAt *string
}

// apply checks a change, and makes it.
func (c change) apply(r *credential.Record, caller principal.Principal, now time.Time) error {
	var f apierr.Fields
	if c.Name != nil {
		check.Name(&f, "name", *c.Name)
		r.Name = *c.Name
	}
	if c.Scopes != nil {
		scopes, err := principal.ParseScopes(*c.Scopes)
		switch {
		case err != nil:
			f.Add("scopes", "%v", err)
		case len(scopes) == 0:
			f.Add("scopes", "must name a scope")
		}
		r.Scopes = scopes
	}
	if c.Allowlist != nil {
		if len(*c.Allowlist) > allowlist.Max {
			f.Add("allowlist", "must have at most %d entries", allowlist.Max)
		}
		for i, text := range *c.Allowlist {
			if _, err := allowlist.Parse(text); err != nil && i < allowlist.Max {
				f.Add(fmt.Sprintf("allowlist[%d]", i), "%v", err)
			}
		}
		r.Allowlist = *c.Allowlist
	}
	if c.ExpiresAt != nil && *c.ExpiresAt == "" {
		r.ExpiresAt = time.Time{}
	} else if c.ExpiresAt != nil {
		r.ExpiresAt = check.Instant(&f, "expiresAt", *c.ExpiresAt)
		if !r.ExpiresAt.IsZero() && !r.ExpiresAt.After(now) {
			f.Add("expiresAt", "must be in the future")
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	if !caller.Scopes.Cover(r.Scopes) {
		return apierr.Denied()
	}
	return nil
}
