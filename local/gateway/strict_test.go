package gateway_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"keyslot/local/gateway"
	"keyslot/local/lambda"
	"keyslot/local/template"
)

// Values of the authorizer's context reach the function as strings, digit for digit.
func TestContextValues(t *testing.T) {
	w := good()
	w.guard.Payload = []byte(strings.Replace(allow(arn+"*"), `"n":1`, `"n":12345678901,"yes":true`, 1))
	w.call(httptest.NewRequestWithContext(t.Context(), "GET", "/things/7", nil))
	want := map[string]any{"principalId": "p", "org": "o", "n": "12345678901", "yes": "true"}
	if diff := cmp.Diff(want, w.event.RequestContext.Authorizer); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A path that fits more closely goes first, wherever it stands in the template.
func TestClosestRoute(t *testing.T) {
	route := func(method, path string) template.Function {
		return template.Function{ID: method + " " + path, Routes: []template.Route{{Method: method, Path: path}}}
	}
	tmpl := &template.Template{Functions: []template.Function{
		route("ANY", "/{all+}"), route("GET", "/a/{x}/c"), route("GET", "/{y}/b/c"), route("ANY", "/a/b"), route("POST", "/a/b"),
		route("GET", "/a/{x}"), route("GET", "/files/{rest+}"), route("GET", "/files/{one}"),
	}}
	for _, tt := range []struct{ request, want string }{
		{"GET /a/b/c", "GET /a/{x}/c"},
		{"GET /z/b/c", "GET /{y}/b/c"},
		{"POST /a/b", "POST /a/b"},
		{"GET /a/b", "ANY /a/b"},
		{"GET /a/z", "GET /a/{x}"},
		{"POST /a/z", ""}, // the closest lacks the method, and no other is asked
		{"GET /files/x", "GET /files/{one}"},
		{"GET /files/x/y", "GET /files/{rest+}"},
		{"GET /a/b/", "ANY /{all+}"}, // a slash at the end is a part of the path
		{"DELETE /nothing", "ANY /{all+}"},
	} {
		got := ""
		g := gateway.New(tmpl, func(_ context.Context, function string, _ []byte) (lambda.Result, error) {
			got = function
			return lambda.Result{Payload: []byte(`{"statusCode":200}`)}, nil
		}, io.Discard)
		method, path, _ := strings.Cut(tt.request, " ")
		g.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), method, path, nil))
		if got != tt.want {
			t.Errorf("%s went to %q, want %q", tt.request, got, tt.want)
		}
	}
}

func TestHeaders(t *testing.T) {
	w := good()
	w.thing.Payload = []byte(`{"statusCode":200,"headers":{"www-authenticate":"Bearer","Content-Length":"9","X-A":"1"},
		"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]},"body":"{}"}`)
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/things/7", nil)
	r.RemoteAddr = "203.0.113.7:1234"
	r.Header["X-Forwarded-For"] = []string{"6.6.6.6"}
	r.Header.Set("X-Forwarded-Proto", "http")
	got := w.call(r).Header()
	got.Del("X-Amzn-Requestid")
	want := http.Header{
		"Content-Type":                     {"application/json"},
		"Set-Cookie":                       {"a=1", "b=2"},
		"X-A":                              {"1"},
		"X-Amzn-Remapped-Content-Length":   {"9"},
		"X-Amzn-Remapped-Www-Authenticate": {"Bearer"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headers of the answer (-want +got):\n%s", diff)
	}
	if h := w.event.Headers; h["X-Forwarded-For"] != "6.6.6.6, 203.0.113.7" || h["X-Forwarded-Proto"] != "http" || h["X-Forwarded-Port"] != "443" {
		t.Errorf("headers of the event: %v", h)
	}
}

// A client that has gone away ends nothing: Lambda would finish what it began.
func TestClientGone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	calls := 0
	g := gateway.New(api(), func(ctx context.Context, function string, _ []byte) (lambda.Result, error) {
		calls++
		if _, limited := ctx.Deadline(); !limited {
			t.Errorf("%s may take forever", function)
		}
		if function == "Guard" {
			return lambda.Result{Payload: []byte(allow(arn + "*"))}, ctx.Err()
		}
		return lambda.Result{Payload: []byte(`{"statusCode":200}`)}, ctx.Err()
	}, io.Discard)
	recorder := httptest.NewRecorder()
	g.ServeHTTP(recorder, httptest.NewRequestWithContext(ctx, "GET", "/things/7", nil))
	if recorder.Code != 200 || calls != 2 {
		t.Errorf("got %d after %d calls, want 200 after 2", recorder.Code, calls)
	}
}

// A body that the gateway takes, but Lambda does not.
func TestTooLargeForLambda(t *testing.T) {
	w := good()
	w.err = lambda.ErrTooLarge
	if got := w.call(httptest.NewRequestWithContext(t.Context(), "GET", "/open", nil)); got.Code != 413 {
		t.Errorf("got %d, want 413", got.Code)
	}
}
