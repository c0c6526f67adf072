package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/textproto"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keyslot/shared/allowlist"
	"keyslot/shared/credential"
	"keyslot/shared/pepper"
	"keyslot/shared/principal"
)

type (
	request  = events.APIGatewayCustomAuthorizerRequestTypeRequest
	response = events.APIGatewayCustomAuthorizerResponse
)

// An authorizer checks credentials.
type authorizer struct {
	keys    credential.Store
	peppers peppers
}

// peppers gives the ring that hashes are made with.
type peppers interface {
	// Ring returns the ring, perhaps a few minutes old.
	Ring(ctx context.Context) (pepper.Ring, error)
	// Refresh returns the ring as it is now.
	Refresh(ctx context.Context) (pepper.Ring, error)
}

// errUnauthorized has the one text that the gateway answers with its response
// UNAUTHORIZED; any other error becomes a 500.
var errUnauthorized = errors.New("Unauthorized")

var logger = slog.New(slog.NewJSONHandler(os.Stdout, nil))

// warm reads the ring ahead of the first request, while Lambda gives full CPU. If it
// cannot, the first request does.
func (a *authorizer) warm() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, _ = a.peppers.Ring(ctx)
}

// authorize answers who is calling. There are three outcomes besides a principal
// (design.md §1): no credential is errUnauthorized; a credential that is no good is
// a policy that denies, and does not say why: the log does; and a store that cannot
// answer is an error: an outage must not look like a revoked key.
func (a *authorizer) authorize(ctx context.Context, r request) (response, error) {
	h := header(r)
	// A key that has come over plain HTTP is refused, never redirected (J-K8, contract.md §7, 4).
	for _, proto := range h["X-Forwarded-Proto"] {
		if !strings.EqualFold(strings.TrimSpace(proto), "https") {
			return refuse(ctx, r, "", "plain HTTP"), nil
		}
	}
	value, err := credential.FromHeader(h)
	switch {
	case errors.Is(err, credential.ErrNone):
		return response{}, errUnauthorized
	case err != nil:
		return refuse(ctx, r, "", err.Error()), nil
	}
	form, keyID := credential.Inspect(value)
	if form == credential.Damaged {
		return refuse(ctx, r, "", "wrong checksum"), nil
	}

	ring, err := a.peppers.Ring(ctx)
	if err != nil {
		return response{}, fmt.Errorf("authorize: %w", err)
	}
	lookup := ""
	if form == credential.Imported {
		lookup = ring.Lookup(value)
	}
	record, err := a.keys.Credential(ctx, keyID, lookup)
	if errors.Is(err, credential.ErrUnknown) {
		return refuse(ctx, r, keyID, err.Error()), nil
	}
	if err != nil {
		return response{}, fmt.Errorf("authorize: %w", err)
	}
	err = record.Verify(value, ring, time.Now())
	if errors.Is(err, credential.ErrPepper) { // the ring grew meanwhile
		if ring, err = a.peppers.Refresh(ctx); err != nil {
			return response{}, fmt.Errorf("authorize: %w", err)
		}
		err = record.Verify(value, ring, time.Now())
	}
	switch {
	case errors.Is(err, credential.ErrPepper):
		return response{}, fmt.Errorf("authorize key %s: %w", record.ID, err)
	case err != nil:
		return refuse(ctx, r, record.ID, err.Error()), nil
	}
	caller := record.Principal()
	if source := r.RequestContext.Identity.SourceIP; !allowlist.Allow(record.Allowlist, source) {
		// It is known who calls, so this is no 401: without scopes every route answers 403.
		caller.Scopes = nil
		logger.LogAttrs(ctx, slog.LevelInfo, "outside the allowlist",
			slog.String("request_id", r.RequestContext.RequestID),
			slog.String("source_ip", source),
			slog.String("key_id", record.ID))
	}
	return allow(r, caller), nil
}

// header returns the headers of r under canonical names.
func header(r request) textproto.MIMEHeader {
	h := textproto.MIMEHeader{}
	for name, values := range r.MultiValueHeaders {
		for _, v := range values {
			h.Add(name, v)
		}
	}
	if len(h) == 0 { // as an event made by hand may be
		for name, v := range r.Headers {
			h.Add(name, v)
		}
	}
	return h
}

func allow(r request, p principal.Principal) response {
	answer := policy(r, "Allow")
	answer.PrincipalID = p.KeyID
	answer.Context = p.Context()
	return answer
}

// refuse denies, and logs why.
func refuse(ctx context.Context, r request, keyID, reason string) response {
	logger.LogAttrs(ctx, slog.LevelInfo, "refused",
		slog.String("request_id", r.RequestContext.RequestID),
		slog.String("source_ip", r.RequestContext.Identity.SourceIP),
		slog.String("key_id", keyID),
		slog.String("reason", reason))
	answer := policy(r, "Deny")
	answer.PrincipalID = "anonymous"
	return answer
}

// policy speaks of all routes of the stage, never of one: should an answer ever be
// cached, it would be used for the others too.
func policy(r request, effect string) response {
	return response{PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
		Version: "2012-10-17",
		Statement: []events.IAMPolicyStatement{{
			Action:   []string{"execute-api:Invoke"},
			Effect:   effect,
			Resource: []string{everyRoute(r.MethodArn)},
		}},
	}}
}

// everyRoute returns the ARN of all routes of a stage, from that of one:
//
//	arn:aws:execute-api:eu-central-1:123456789012:api1234567/live/GET/v1/bookings
//	arn:aws:execute-api:eu-central-1:123456789012:api1234567/live/*/*
func everyRoute(methodARN string) string {
	parts := strings.SplitN(methodARN, "/", 3)
	if len(parts) < 3 {
		return methodARN
	}
	return parts[0] + "/" + parts[1] + "/*/*"
}
