package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// J-E4, J-B5, J-B2, J-B1, J-B3: the main job, with an API key over HTTP. It leaves
// nothing that another run would stumble over.
func TestBookingFlow(t *testing.T) {
	key, eventType := target.Owner, target.LiveEventType
	free := slots(t, key, eventType)
	if len(free) == 0 {
		t.Fatal("no slot is free")
	}
	start := free[len(free)-1]

	var made booking
	call{method: http.MethodPost, path: "/v1/bookings", header: with(key), body: request(eventType, start)}.
		do(t).want(t, http.StatusCreated, &made)
	if made.Status != "confirmed" || !made.Start.Equal(start) {
		t.Errorf("created %+v, want a confirmed one at %v", made, start)
	}
	if slices.Contains(slots(t, key, eventType), start) {
		t.Error("the booked start is still offered")
	}
	call{method: http.MethodPost, path: "/v1/bookings", header: with(key), body: request(eventType, start)}.
		do(t).refused(t, http.StatusConflict, "SLOT_UNAVAILABLE", "")

	var got booking
	call{path: "/v1/bookings/" + made.ID, header: with(key)}.do(t).want(t, http.StatusOK, &got)
	if got != made {
		t.Errorf("got %+v, want %+v", got, made)
	}
	if !slices.Contains(list(t, key), made.ID) {
		t.Error("the list lacks the booking")
	}

	var gone booking
	cancel := call{method: http.MethodPost, path: "/v1/bookings/" + made.ID + "/cancel", header: with(key), body: `{"reason":"ill"}`}
	cancel.do(t).want(t, http.StatusOK, &gone)
	if gone.Status != "cancelled" {
		t.Errorf("cancelled %+v", gone)
	}
	cancel.do(t).refused(t, http.StatusConflict, "INVALID_STATE", "")
	if !slices.Contains(slots(t, key, eventType), start) {
		t.Error("the cancelled start is not offered again")
	}
}

// list returns the ids of all bookings, page by page.
func list(t testing.TB, key string) []string {
	t.Helper()
	var ids []string
	for cursor := ""; ; {
		a := call{path: "/v1/bookings?limit=100&cursor=" + cursor, header: with(key)}.do(t)
		var page []booking
		a.want(t, http.StatusOK, &page)
		for _, b := range page {
			ids = append(ids, b.ID)
		}
		var more struct {
			Pagination struct {
				NextCursor *string `json:"nextCursor"`
				HasMore    bool    `json:"hasMore"`
			} `json:"pagination"`
		}
		if err := json.Unmarshal([]byte(a.body), &more); err != nil {
			t.Fatal(err)
		}
		if more.Pagination.HasMore != (more.Pagination.NextCursor != nil) {
			t.Fatalf("pagination contradicts itself: %s", a.body)
		}
		if !more.Pagination.HasMore {
			return ids
		}
		cursor = *more.Pagination.NextCursor
	}
}

// Of 50 who want one slot at the same time, one gets it and 49 get 409.
func TestFiftyWantOneSlot(t *testing.T) {
	free := slots(t, target.Owner, target.LiveEventType)
	body := request(target.LiveEventType, free[0])
	var made, taken atomic.Int32
	var id atomic.Value
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			a := call{method: http.MethodPost, path: "/v1/bookings", header: with(target.Owner), body: body}.do(t)
			switch {
			case a.status == http.StatusCreated:
				made.Add(1)
				var b struct {
					Data booking `json:"data"`
				}
				if err := json.Unmarshal([]byte(a.body), &b); err != nil {
					t.Errorf("answer %s: %v", a.body, err)
				}
				id.Store(b.Data.ID)
			case a.status == http.StatusConflict && strings.Contains(a.body, `"SLOT_UNAVAILABLE"`):
				taken.Add(1)
			default:
				t.Errorf("got %d %s", a.status, a.body)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 || taken.Load() != 49 {
		t.Errorf("%d × 201 and %d × 409, want 1 and 49", made.Load(), taken.Load())
	}
	call{method: http.MethodPost, path: fmt.Sprintf("/v1/bookings/%v/cancel", id.Load()), header: with(target.Owner)}.do(t).want(t, http.StatusOK, nil)
}

// A retry with the same Idempotency-Key does the work once, and gets the same answer.
func TestIdempotentRetries(t *testing.T) {
	free := slots(t, target.Owner, target.LiveEventType)
	header := with(target.Owner)
	header["Idempotency-Key"] = t.Name()
	create := call{method: http.MethodPost, path: "/v1/bookings", header: header, body: request(target.LiveEventType, free[1])}
	answers := make([]answer, 20)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = create.do(t) })
	}
	all.Wait()
	for _, a := range answers {
		if a.status != http.StatusCreated || a.body != answers[0].body {
			t.Fatalf("got %d %s, want 201 %s", a.status, a.body, answers[0].body)
		}
	}
	create.body = request(target.LiveEventType, free[2])
	create.do(t).refused(t, http.StatusUnprocessableEntity, "IDEMPOTENCY_KEY_REUSED", "")
	var made booking
	answers[0].want(t, http.StatusCreated, &made)
	call{method: http.MethodPost, path: "/v1/bookings/" + made.ID + "/cancel", header: with(target.Owner)}.do(t).want(t, http.StatusOK, nil)
}

// Bad input names the field, with 400, 404, 413 or 422, and changes nothing.
func TestBadInput(t *testing.T) {
	eventType := target.LiveEventType
	free := slots(t, target.Owner, eventType)
	before := list(t, target.Owner)
	good := request(eventType, free[0])
	change := func(path string, value any) map[string]any {
		js, err := json.Marshal(good)
		if err != nil {
			t.Fatal(err)
		}
		var body map[string]any
		if err := json.Unmarshal(js, &body); err != nil {
			t.Fatal(err)
		}
		at := body
		if rest, nested := strings.CutPrefix(path, "attendee."); nested {
			at, path = body["attendee"].(map[string]any), rest
		}
		at[path] = value
		return body
	}
	for _, tt := range []struct {
		name   string
		body   any
		status int
		code   string
		field  string
	}{
		{"a body that cannot be read", `{"eventTypeId":`, 400, "INVALID_REQUEST", "body"},
		{"an unknown field", change("colour", "red"), 400, "INVALID_REQUEST", "colour"},
		{"a wrong type", change("start", 7), 400, "INVALID_REQUEST", "start"},
		{"a wrong type inside", change("attendee.name", true), 400, "INVALID_REQUEST", "attendee.name"},
		{"an unknown zone", change("attendee.timeZone", "Europe/Atlantis"), 422, "VALIDATION_FAILED", "attendee.timeZone"},
		{"a start in the past", change("start", "2020-01-01T09:00:00Z"), 422, "VALIDATION_FAILED", "start"},
		{"a start outside the slots", change("start", free[0].Format("2006-01-02")+"T02:00:00Z"), 422, "VALIDATION_FAILED", "start"},
		{"a start between the slots", change("start", free[0].Format("2006-01-02T15:")+"07:00Z"), 422, "VALIDATION_FAILED", "start"},
		{"another mode's event type", change("eventTypeId", target.TestEventType), 404, "NOT_FOUND", ""},
		{"a body over 256 KB", change("attendee.name", strings.Repeat("x", 256*1024)), 413, "PAYLOAD_TOO_LARGE", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			call{method: http.MethodPost, path: "/v1/bookings", header: with(target.Owner), body: tt.body}.
				do(t).refused(t, tt.status, tt.code, tt.field)
		})
	}
	call{path: "/v1/bookings?limit=many", header: with(target.Owner)}.do(t).refused(t, 400, "INVALID_REQUEST", "limit")
	call{path: "/v1/bookings?limit=0", header: with(target.Owner)}.do(t).refused(t, 422, "VALIDATION_FAILED", "limit")
	call{path: "/v1/bookings?cursor=x", header: with(target.Owner)}.do(t).refused(t, 422, "VALIDATION_FAILED", "cursor")
	call{path: "/v1/event-types/" + eventType + "/slots?from=x&to=2026-12-01T00:00:00Z", header: with(target.Owner)}.
		do(t).refused(t, 422, "VALIDATION_FAILED", "from")
	if after := list(t, target.Owner); !slices.Equal(before, after) {
		t.Errorf("refusals changed the bookings from %v to %v", before, after)
	}
}

// Test keys see test data only, live keys live data only, and a stranger's id is as
// good as none.
func TestModesAreApart(t *testing.T) {
	free := slots(t, target.TestKey, target.TestEventType)
	var made booking
	call{method: http.MethodPost, path: "/v1/bookings", header: with(target.TestKey), body: request(target.TestEventType, free[0])}.
		do(t).want(t, http.StatusCreated, &made)
	call{path: "/v1/bookings/" + made.ID, header: with(target.Owner)}.do(t).refused(t, 404, "NOT_FOUND", "")
	call{method: http.MethodPost, path: "/v1/bookings/" + made.ID + "/cancel", header: with(target.Owner)}.do(t).refused(t, 404, "NOT_FOUND", "")
	call{path: "/v1/event-types/" + target.TestEventType, header: with(target.Owner)}.do(t).refused(t, 404, "NOT_FOUND", "")
	call{path: "/v1/event-types/" + target.TestEventType + "/slots?from=2026-12-01T00:00:00Z&to=2026-12-02T00:00:00Z", header: with(target.Owner)}.
		do(t).refused(t, 404, "NOT_FOUND", "")
	if slices.Contains(list(t, target.Owner), made.ID) {
		t.Error("a live key lists a test booking")
	}
	call{method: http.MethodPost, path: "/v1/bookings/" + made.ID + "/cancel", header: with(target.TestKey)}.do(t).want(t, http.StatusOK, nil)
}
