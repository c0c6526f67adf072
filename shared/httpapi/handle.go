// Package httpapi turns a REST API's proxy event into a call of a domain function,
// and its result or error into an answer. Only this package names the event.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keyslot/shared/page"
	"keyslot/shared/principal"
)

type (
	// A Request is what the gateway hands to a function.
	Request = events.APIGatewayProxyRequest
	// A Response is what a function hands back.
	Response = events.APIGatewayProxyResponse
	// A Handler is what [lambda.StartHandlerFunc] takes.
	Handler = func(context.Context, Request) (Response, error)
)

// A Func is the work of one route: decoded input in, result or error out. The caller
// is an argument, so that no route can forget who asks.
//
// Fields of In with a tag `path:"…"`, `query:"…"` or `header:"…"` come from there,
// those with a JSON name from the body.
type Func[In, Out any] func(ctx context.Context, caller principal.Principal, in In) (Out, error)

// OK answers 200 with the result of fn.
func OK[In, Out any](fn Func[In, Out]) Handler { return handle(http.StatusOK, fn) }

// Created answers 201 with the result of fn.
func Created[In, Out any](fn Func[In, Out]) Handler { return handle(http.StatusCreated, fn) }

// List answers 200 with a page of items.
func List[In, Item any](fn Func[In, page.Page[Item]]) Handler { return handle(http.StatusOK, fn) }

// Public answers 200 with a result that needs no caller. The route has no authorizer.
func Public[Out any](fn func(context.Context) (Out, error)) Handler {
	return logged(func(ctx context.Context, _ Request) (Response, principal.Principal, error) {
		out, err := fn(ctx)
		return jsonResponse(http.StatusOK, envelope(out)), principal.Principal{}, err
	})
}

func handle[In, Out any](status int, fn Func[In, Out]) Handler {
	decode := newDecoder[In]()
	return logged(func(ctx context.Context, r Request) (Response, principal.Principal, error) {
		caller, err := principal.FromContext(r.RequestContext.Authorizer)
		if err != nil {
			return Response{}, caller, err
		}
		in, err := decode.decode(r)
		if err != nil {
			return Response{}, caller, err
		}
		out, err := fn(ctx, caller, in)
		if err != nil {
			return Response{}, caller, err
		}
		return jsonResponse(status, envelope(out)), caller, nil
	})
}

var logger = slog.New(slog.NewJSONHandler(os.Stdout, nil))

// logged renders errors and writes the one log line of a request. It never fails the
// invocation: the gateway would answer in its own words.
func logged(do func(context.Context, Request) (Response, principal.Principal, error)) Handler {
	return func(ctx context.Context, r Request) (Response, error) {
		start := time.Now()
		response, caller, err := do(ctx, r)
		if err != nil {
			response = errorResponse(err)
		}
		response.Headers["X-Request-Id"] = r.RequestContext.RequestID

		level := slog.LevelInfo
		attrs := []slog.Attr{
			slog.String("request_id", r.RequestContext.RequestID),
			slog.String("method", r.HTTPMethod),
			slog.String("route", r.Resource), // never the path: some hold tokens
			slog.Int("status", response.StatusCode),
			slog.Duration("duration", time.Since(start)),
			slog.String("org", caller.Org),
			slog.String("mode", string(caller.Mode)),
			slog.String("key_id", caller.KeyID),
		}
		if err != nil {
			attrs = append(attrs, slog.String("error", err.Error()))
		}
		if response.StatusCode >= http.StatusInternalServerError {
			level = slog.LevelError
		}
		logger.LogAttrs(ctx, level, "request", attrs...)
		return response, nil
	}
}
