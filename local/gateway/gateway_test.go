package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"keyslot/local/gateway"
	"keyslot/local/lambda"
	"keyslot/local/template"
)

const arn = "arn:aws:execute-api:us-east-1:000000000000:local/live/"

// api is a template with one open route and one behind the authorizer.
func api() *template.Template {
	return &template.Template{
		API: template.API{Stage: "live", Responses: map[string]template.Response{
			"UNAUTHORIZED":                 {Status: 401, Body: "none", Headers: map[string]string{"WWW-Authenticate": "'Bearer'", "X-Request-Id": "context.requestId"}},
			"ACCESS_DENIED":                {Status: 401, Body: "bad"},
			"MISSING_AUTHENTICATION_TOKEN": {Status: 404, Body: "nowhere"},
			"DEFAULT_4XX":                  {Body: "4xx"},
			"DEFAULT_5XX":                  {Body: "5xx"},
		}},
		Functions: []template.Function{
			{ID: "Guard"},
			{ID: "Thing", Routes: []template.Route{
				{Method: "GET", Path: "/things/{id}", Authorizer: "Guard"},
				{Method: "POST", Path: "/things/{id}", Authorizer: "Guard"},
				{Method: "GET", Path: "/things/best", Authorizer: "Guard"},
			}},
			{ID: "Open", Routes: []template.Route{{Method: "GET", Path: "/open"}, {Method: "ANY", Path: "/files/{path+}"}}},
		},
	}
}

func allow(resource string) string {
	return `{"principalId":"p","context":{"org":"o","n":1},"policyDocument":{"Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"` + resource + `"}]}}`
}

// world plays the functions: guard is what the authorizer answers, thing what the
// others do. It keeps the event that the latter got.
type world struct {
	guard, thing lambda.Result
	err          error // of invoking a function other than the authorizer
	guardEvent   events.APIGatewayCustomAuthorizerRequestTypeRequest
	event        *events.APIGatewayProxyRequest
}

func (w *world) invoke(_ context.Context, function string, payload []byte) (lambda.Result, error) {
	if function == "Guard" {
		return w.guard, json.Unmarshal(payload, &w.guardEvent)
	}
	w.event = &events.APIGatewayProxyRequest{}
	if err := json.Unmarshal(payload, w.event); err != nil {
		return lambda.Result{}, err
	}
	return w.thing, w.err
}

func (w *world) call(r *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	gateway.New(api(), w.invoke, io.Discard).ServeHTTP(recorder, r)
	return recorder
}

func good() *world {
	return &world{
		guard: lambda.Result{Payload: []byte(allow(arn + "*/*"))},
		thing: lambda.Result{Payload: []byte(`{"statusCode":201,"headers":{"X-A":"1"},"body":"made"}`)},
	}
}

func TestProxy(t *testing.T) {
	w := good()
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/things/a%2Fb?x=1&x=2", strings.NewReader("body"))
	r.Header.Set("Authorization", "Bearer k")
	r.Header.Set("X-Forwarded-For", "6.6.6.6")
	r.RemoteAddr = "203.0.113.7:1234"
	got := w.call(r)
	if got.Code != 201 || got.Body.String() != "made" || got.Header().Get("X-A") != "1" || got.Header().Get("X-Amzn-Requestid") == "" {
		t.Errorf("answer %d %q %v", got.Code, got.Body, got.Header())
	}
	e := w.event
	if e.Resource != "/things/{id}" || e.PathParameters["id"] != "a/b" || e.QueryStringParameters["x"] != "2" || e.Body != "body" {
		t.Errorf("event %+v", e)
	}
	caller := e.RequestContext.Authorizer
	if caller["org"] != "o" || caller["n"] != "1" || caller["principalId"] != "p" {
		t.Errorf("the function's caller is %v", caller)
	}
	if ip := w.guardEvent.RequestContext.Identity.SourceIP; ip != "203.0.113.7" || e.RequestContext.Identity.SourceIP != ip {
		t.Errorf("source address %q: it is the peer's, whatever the headers say", ip)
	}
	if w.guardEvent.Type != "REQUEST" || w.guardEvent.MethodArn != arn+"POST/things/a/b" || w.guardEvent.Headers["X-Forwarded-Proto"] != "https" {
		t.Errorf("authorizer's event %+v", w.guardEvent)
	}
}

func TestRoutes(t *testing.T) {
	for path, want := range map[string]string{
		"/things/best": "/things/best", "/things/7": "/things/{id}", "/open": "/open", "/files/a/b": "/files/{path+}",
		"/things": "", "/things/": "", "/things/7/x": "", "/files": "", "/": "",
	} {
		w := good()
		got := w.call(httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		switch {
		case want == "" && (got.Code != 404 || got.Body.String() != "nowhere"):
			t.Errorf("%s: got %d %q, want the refusal of an unknown route", path, got.Code, got.Body)
		case want != "" && (w.event == nil || w.event.Resource != want):
			t.Errorf("%s went to %+v, want %s", path, w.event, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	policy := func(statements string) string {
		return `{"principalId":"p","policyDocument":{"Statement":[` + statements + `]}}`
	}
	const invoke = `"Action":"execute-api:Invoke","Resource":"` + arn
	for _, tt := range []struct {
		name   string
		guard  lambda.Result
		status int
		body   string
	}{
		{"the text Unauthorized", lambda.Result{Error: "Handled", Payload: []byte(`{"errorMessage":"Unauthorized"}`)}, 401, "none"},
		{"any other text", lambda.Result{Error: "Handled", Payload: []byte(`{"errorMessage":"unauthorized"}`)}, 500, "5xx"},
		{"a crash", lambda.Result{Error: "Unhandled", Payload: []byte(`x`)}, 500, "5xx"},
		{"no JSON", lambda.Result{Payload: []byte(`x`)}, 500, "5xx"},
		{"no policy", lambda.Result{Payload: []byte(`{"principalId":"p"}`)}, 500, "5xx"},
		{"no principal", lambda.Result{Payload: []byte(`{"policyDocument":{"Statement":[{"Effect":"Allow",` + invoke + `*"}]}}`)}, 500, "5xx"},
		{"a context that is no text", lambda.Result{Payload: []byte(strings.Replace(allow(arn+"*"), `"n":1`, `"n":[1]`, 1))}, 500, "5xx"},
		{"an effect of no kind", lambda.Result{Payload: []byte(policy(`{"Effect":"allow",` + invoke + `*"}`))}, 500, "5xx"},
		{"a condition, which is not played here", lambda.Result{Payload: []byte(policy(`{"Effect":"Allow",` + invoke + `*/*","Condition":{}}`))}, 500, "5xx"},
		{"Deny", lambda.Result{Payload: []byte(policy(`{"Effect":"Deny",` + invoke + `*/*"}`))}, 401, "bad"},
		{"Deny goes before Allow", lambda.Result{Payload: []byte(policy(`{"Effect":"Allow",` + invoke + `*"},{"Effect":"Deny",` + invoke + `GET/*"}`))}, 401, "bad"},
		{"Allow of another method", lambda.Result{Payload: []byte(policy(`{"Effect":"Allow",` + invoke + `POST/things/7"}`))}, 401, "bad"},
		{"Allow of another action", lambda.Result{Payload: []byte(strings.Replace(allow(arn+"*"), "execute-api:Invoke", "s3:*", 1))}, 401, "bad"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := good()
			w.guard = tt.guard
			got := w.call(httptest.NewRequestWithContext(t.Context(), "GET", "/things/7", nil))
			if got.Code != tt.status || got.Body.String() != tt.body {
				t.Errorf("got %d %q, want %d %q", got.Code, got.Body, tt.status, tt.body)
			}
			if w.event != nil {
				t.Error("the function ran all the same")
			}
			if tt.body == "none" && (got.Header().Get("WWW-Authenticate") != "Bearer" || got.Header().Get("X-Request-Id") != got.Header().Get("X-Amzn-Requestid")) {
				t.Errorf("headers %v", got.Header())
			}
		})
	}
}

func TestBadAnswersAndRequests(t *testing.T) {
	for name, change := range map[string]func(*world){
		"no JSON":            func(w *world) { w.thing.Payload = []byte("x") },
		"no status":          func(w *world) { w.thing.Payload = []byte(`{"body":"x"}`) },
		"a function's error": func(w *world) { w.thing.Error = "Unhandled" },
		"no function":        func(w *world) { w.err = errors.New("no such function") },
	} {
		w := good()
		change(w)
		if got := w.call(httptest.NewRequestWithContext(t.Context(), "GET", "/open", nil)); got.Code != 502 || got.Body.String() != "5xx" {
			t.Errorf("%s: got %d %q, want 502", name, got.Code, got.Body)
		}
	}
	w := good()
	w.err = context.DeadlineExceeded
	if got := w.call(httptest.NewRequestWithContext(t.Context(), "GET", "/open", nil)); got.Code != 504 {
		t.Errorf("a time-out: got %d, want 504", got.Code)
	}
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/open", nil)
	r.Header.Set("X-Long", strings.Repeat("x", 10240))
	if got := good().call(r); got.Code != 431 || got.Body.String() != "4xx" {
		t.Errorf("headers over 10,240 bytes: got %d %q, want 431", got.Code, got.Body)
	}
	large := httptest.NewRequestWithContext(t.Context(), "POST", "/things/7", strings.NewReader(strings.Repeat("x", 10<<20+1)))
	if got := good().call(large); got.Code != 413 || got.Body.String() != "4xx" {
		t.Errorf("a body over 10 MB: got %d %q, want 413", got.Code, got.Body)
	}
}
