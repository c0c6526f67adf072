package httpapi_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"keyslot/shared/apierr"
	"keyslot/shared/httpapi"
	"keyslot/shared/page"
	"keyslot/shared/principal"
)

type input struct {
	Key   string   `header:"Idempotency-Key" json:"-"`
	ID    string   `path:"id" json:"-"`
	Limit *int     `query:"limit" json:"-"`
	Title string   `json:"title"`
	Count int      `json:"count"`
	Guest guest    `json:"guest"`
	Tags  []string `json:"tags"`
}

type guest struct {
	Email string `json:"email"`
}

func caller() map[string]any {
	return principal.Principal{
		Tenant: principal.Tenant{Org: "org_1", Mode: principal.Live}, Kind: principal.APIKey, KeyID: "key_1",
	}.Context()
}

func call(t *testing.T, h httpapi.Handler, r httpapi.Request) httpapi.Response {
	t.Helper()
	r.RequestContext.RequestID = "req-1"
	resp, err := h(t.Context(), r)
	if err != nil {
		t.Fatalf("the handler failed the invocation: %v", err)
	}
	if got := resp.Headers["X-Request-Id"]; got != "req-1" {
		t.Errorf("X-Request-Id = %q, want req-1", got)
	}
	if got := resp.Headers["Content-Type"]; got != "application/json" {
		t.Errorf("Content-Type = %q", got)
	}
	return resp
}

func echo(_ context.Context, _ principal.Principal, in input) (input, error) { return in, nil }

func TestDecode(t *testing.T) {
	var got input
	h := httpapi.OK(func(_ context.Context, _ principal.Principal, in input) (struct{}, error) {
		got = in
		return struct{}{}, nil
	})
	limit := 7
	want := input{Key: "k", ID: "x", Limit: &limit, Title: "T", Count: 2, Guest: guest{"a@b.c"}, Tags: []string{"u"}}
	body := `{"title":"T","count":2,"guest":{"email":"a@b.c"},"tags":["u"]}`
	r := httpapi.Request{
		Headers:               map[string]string{"idempotency-KEY": "k"},
		PathParameters:        map[string]string{"id": "x"},
		QueryStringParameters: map[string]string{"limit": "7", "other": "1"},
		Body:                  body,
		RequestContext:        events.APIGatewayProxyRequestContext{Authorizer: caller()},
	}
	for name, change := range map[string]func(*httpapi.Request){
		"as it is": func(*httpapi.Request) {},
		"base64": func(r *httpapi.Request) {
			r.Body, r.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(body)), true
		},
	} {
		got = input{}
		r := r
		change(&r)
		if resp := call(t, h, r); resp.StatusCode != 200 {
			t.Fatalf("%s: status %d: %s", name, resp.StatusCode, resp.Body)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: input differs (-want +got):\n%s", name, diff)
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name   string
		body   string
		query  map[string]string
		status int
		want   string // in the body
	}{
		{name: "no JSON", body: `{"title":`, status: 400, want: `{"field":"body","message":"is not valid JSON"}`},
		{name: "an array", body: `[]`, status: 400, want: `{"field":"body","message":"must be an object"}`},
		{name: "two objects", body: `{} {}`, status: 400, want: `{"field":"body","message":"has something behind its JSON object"}`},
		{name: "an unknown field", body: `{"titel":"T"}`, status: 400, want: `{"field":"titel","message":"is not a field of this request"}`},
		{name: "a field from elsewhere", body: `{"ID":"x"}`, status: 400, want: `{"field":"ID",`},
		{name: "a wrong type", body: `{"count":"2"}`, status: 400, want: `{"field":"count","message":"must be a whole number"}`},
		{name: "a fraction", body: `{"count":2.5}`, status: 400, want: `{"field":"count","message":"must be a whole number"}`},
		{name: "a wrong type inside", body: `{"guest":{"email":1}}`, status: 400, want: `{"field":"guest.email","message":"must be a string"}`},
		{name: "a wrong list", body: `{"tags":"u"}`, status: 400, want: `{"field":"tags","message":"must be an array"}`},
		{name: "a query that is no number", query: map[string]string{"limit": "many"}, status: 400, want: `{"field":"limit","message":"must be a whole number"}`},
		{name: "a body over 256 KB", body: `{"title":"` + strings.Repeat("x", 256*1024) + `"}`, status: 413, want: `"PAYLOAD_TOO_LARGE"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp := call(t, httpapi.OK(echo), httpapi.Request{
				Body: tt.body, QueryStringParameters: tt.query,
				RequestContext: events.APIGatewayProxyRequestContext{Authorizer: caller()},
			})
			if resp.StatusCode != tt.status || !strings.Contains(resp.Body, tt.want) {
				t.Errorf("got %d %s, want %d with %s", resp.StatusCode, resp.Body, tt.status, tt.want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		name   string
		err    error
		status int
		body   string
	}{
		{
			"B-18, word for word", apierr.Denied(), 403,
			`{"success":false,"error":{"code":"FORBIDDEN","message":"Your API key does not have permission to access this resource."}}`,
		},
		{
			"the text of an internal error stays inside", errors.New("table keyslot-Credentials: sk_live_hunter2"), 500,
			`{"success":false,"error":{"code":"INTERNAL","message":"Internal error."}}`,
		},
		{
			"fields are named", apierr.Invalid("start", "is in the past"), 422,
			`{"success":false,"error":{"code":"VALIDATION_FAILED","message":"The request breaks a rule; see the details.","details":[{"field":"start","message":"is in the past"}]}}`,
		},
		{
			"what may be tried again says when",
			&apierr.Error{Code: apierr.Unavailable, Message: "Busy.", RetryAfter: 1500 * time.Millisecond},
			503, `{"success":false,"error":{"code":"UNAVAILABLE","message":"Busy."}}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := httpapi.OK(func(context.Context, principal.Principal, struct{}) (int, error) { return 0, tt.err })
			resp := call(t, h, httpapi.Request{RequestContext: events.APIGatewayProxyRequestContext{Authorizer: caller()}})
			if resp.StatusCode != tt.status || resp.Body != tt.body {
				t.Errorf("got %d %s\nwant %d %s", resp.StatusCode, resp.Body, tt.status, tt.body)
			}
			if apierr.Is(tt.err, apierr.Unavailable) && resp.Headers["Retry-After"] != "2" {
				t.Errorf("Retry-After = %q, want 2", resp.Headers["Retry-After"])
			}
		})
	}
}

func TestNoCallerNoWork(t *testing.T) {
	h := httpapi.OK(func(context.Context, principal.Principal, struct{}) (int, error) {
		t.Error("the function ran without a caller")
		return 0, nil
	})
	resp := call(t, h, httpapi.Request{})
	if resp.StatusCode != 401 || !strings.Contains(resp.Body, `"UNAUTHORIZED"`) {
		t.Errorf("got %d %s, want 401", resp.StatusCode, resp.Body)
	}
}

func TestPages(t *testing.T) {
	for _, tt := range []struct {
		page page.Page[string]
		want string
	}{
		{page.Page[string]{}, `{"success":true,"data":[],"pagination":{"nextCursor":null,"hasMore":false}}`},
		{page.Page[string]{Items: []string{"a"}, Next: "c"}, `{"success":true,"data":["a"],"pagination":{"nextCursor":"c","hasMore":true}}`},
	} {
		h := httpapi.List(func(context.Context, principal.Principal, struct{}) (page.Page[string], error) { return tt.page, nil })
		resp := call(t, h, httpapi.Request{RequestContext: events.APIGatewayProxyRequestContext{Authorizer: caller()}})
		if resp.Body != tt.want {
			t.Errorf("got %s, want %s", resp.Body, tt.want)
		}
	}
}
