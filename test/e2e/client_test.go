package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// An answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// A call is a request that a test makes; its zero value is a GET without a key.
type call struct {
	method string
	path   string
	body   any // a string as it is, anything else as JSON
	header map[string]string
}

// with returns the header that shows a key as B-3 has it.
func with(key string) map[string]string { return map[string]string{"Authorization": "Bearer " + key} }

func (c call) do(t testing.TB) answer {
	t.Helper()
	var body io.Reader
	switch b := c.body.(type) {
	case nil:
	case string:
		body = strings.NewReader(b)
	default:
		js, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(js)
	}
	method := c.method
	if method == "" {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(t.Context(), method, target.URL+c.path, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// client follows no redirects: a key must not travel twice.
var client = &http.Client{
	Timeout:       60 * time.Second, // under SAM each call may start a container
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// want wants a status, and reads the data of the answer into out, if not nil.
func (a answer) want(t testing.TB, status int, out any) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	if out == nil {
		return
	}
	envelope := struct {
		Success bool `json:"success"`
		Data    any  `json:"data"`
	}{Data: out}
	if err := json.Unmarshal([]byte(a.body), &envelope); err != nil || !envelope.Success {
		t.Fatalf("answer %s: %v", a.body, err)
	}
}

// refused wants an error with a code that names a field, if field is not empty.
func (a answer) refused(t testing.TB, status int, code, field string) {
	t.Helper()
	var e struct {
		Success bool `json:"success"`
		Error   struct {
			Code    string `json:"code"`
			Message string `json:"message"`
			Details []struct {
				Field string `json:"field"`
			} `json:"details"`
		} `json:"error"`
	}
	if err := json.Unmarshal([]byte(a.body), &e); err != nil {
		t.Errorf("answer %d %s: %v", a.status, a.body, err)
		return
	}
	if a.status != status || e.Success || e.Error.Code != code || e.Error.Message == "" {
		t.Errorf("got %d %s, want %d %s", a.status, a.body, status, code)
	}
	if field != "" && (len(e.Error.Details) != 1 || e.Error.Details[0].Field != field) {
		t.Errorf("got %s, want the field %s", a.body, field)
	}
}

// A booking is what the tests read of one.
type booking struct {
	ID     string    `json:"id"`
	Status string    `json:"status"`
	Start  time.Time `json:"start"`
}

// slots returns the free starts of an event type in the week that begins two days
// from now.
func slots(t testing.TB, key, eventType string) []time.Time {
	t.Helper()
	from := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 2)
	var listed []struct {
		Start time.Time `json:"start"`
	}
	call{
		path: "/v1/event-types/" + eventType + "/slots?timeZone=Europe/Berlin&from=" + from.Format(time.RFC3339) +
			"&to=" + from.AddDate(0, 0, 7).Format(time.RFC3339),
		header: with(key),
	}.do(t).want(t, http.StatusOK, &listed)
	starts := make([]time.Time, len(listed))
	for i, s := range listed {
		starts[i] = s.Start
	}
	return starts
}

// request is the body that books a start.
func request(eventType string, start time.Time) map[string]any {
	return map[string]any{
		"eventTypeId": eventType, "start": start.Format(time.RFC3339),
		"attendee": map[string]any{"name": "Grace", "email": "grace@example.com", "timeZone": "Europe/Berlin"},
	}
}
