package booking_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/apierr"
	"keyslot/shared/booking"
	"keyslot/shared/dynamo"
	"keyslot/shared/eventtype"
	"keyslot/shared/ids"
	"keyslot/shared/page"
	"keyslot/shared/principal"
	"keyslot/shared/slot"
	"keyslot/test/fixture"
	"keyslot/test/want"
)

// tomorrow is midnight (UTC) of the day after the next: far enough for any notice of
// these tests.
func tomorrow() time.Time { return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 2) }

func input(e eventtype.EventType, start time.Time) booking.CreateInput {
	return booking.CreateInput{
		EventTypeID: e.ID, Start: start.Format(time.RFC3339),
		Attendee: booking.Attendee{Name: "Grace", Email: "grace@example.com", TimeZone: "Europe/Berlin"},
	}
}

// world is an organization whose first user is always open and hosts e.
func world(t *testing.T, changes ...func(*eventtype.CreateInput)) (fixture.World, eventtype.EventType, *booking.Service) {
	t.Helper()
	w := fixture.New(t, dynamo.Open())
	w.AlwaysOpen(t)
	return w, w.EventType(t, changes...), booking.NewService(w.Store)
}

// offered returns the starts that the slots route lists in the two days from from.
func offered(t *testing.T, w fixture.World, e eventtype.EventType, from time.Time) map[time.Time]bool {
	t.Helper()
	slots, err := slot.NewService(w.Store).List(t.Context(), w.Caller, slot.ListInput{
		EventTypeID: e.ID, From: from.Format(time.RFC3339), To: from.AddDate(0, 0, 2).Format(time.RFC3339), TimeZone: "Europe/Berlin",
	})
	if err != nil {
		t.Fatal(err)
	}
	starts := map[time.Time]bool{}
	for _, s := range slots {
		starts[s.Start] = true
	}
	return starts
}

func TestLife(t *testing.T) {
	t.Parallel()
	w, e, s := world(t)
	start := tomorrow().Add(9 * time.Hour)
	if !offered(t, w, e, tomorrow())[start] {
		t.Fatal("the start is not offered to begin with")
	}
	made, err := s.Create(t.Context(), w.Caller, input(e, start))
	if err != nil {
		t.Fatal(err)
	}
	expected := booking.Booking{
		ID: made.ID, EventTypeID: e.ID, Status: booking.Confirmed, Start: start, End: start.Add(30 * time.Minute),
		Hosts:    []booking.Host{{UserID: w.Users[0].ID}},
		Attendee: booking.Attendee{Name: "Grace", Email: "grace@example.com", TimeZone: "Europe/Berlin"},
		// What is stored is what was answered, to the second.
		CreatedAt: made.CreatedAt, UpdatedAt: made.CreatedAt, Version: 1, Event: made.Event,
	}
	if diff := cmp.Diff(expected, made); diff != "" {
		t.Errorf("created booking differs (-want +got):\n%s", diff)
	}
	got, err := s.Get(t.Context(), w.Caller, booking.GetInput{ID: made.ID})
	if diff := cmp.Diff(made, got); diff != "" || err != nil {
		t.Errorf("stored booking differs: %v (-want +got):\n%s", err, diff)
	}
	if offered(t, w, e, tomorrow())[start] {
		t.Error("a booked start is still offered")
	}
	_, err = s.Create(t.Context(), w.Caller, input(e, start))
	want.Code(t, err, apierr.SlotUnavailable, "")

	gone, err := s.Cancel(t.Context(), w.Caller, booking.CancelInput{ID: made.ID, Reason: "ill"})
	if err != nil {
		t.Fatal(err)
	}
	if gone.Status != booking.Cancelled || gone.Cancellation == nil || gone.Cancellation.Reason != "ill" || gone.Cancellation.By != w.Caller.KeyID {
		t.Errorf("cancelled booking: %+v, %+v", gone, gone.Cancellation)
	}
	got, err = s.Get(t.Context(), w.Caller, booking.GetInput{ID: made.ID})
	if diff := cmp.Diff(gone, got); diff != "" || err != nil {
		t.Errorf("stored booking differs: %v (-want +got):\n%s", err, diff)
	}
	_, err = s.Cancel(t.Context(), w.Caller, booking.CancelInput{ID: made.ID})
	want.Code(t, err, apierr.InvalidState, "")
	if !offered(t, w, e, tomorrow())[start] {
		t.Error("a cancelled start is not offered again")
	}
	if _, err := s.Create(t.Context(), w.Caller, input(e, start)); err != nil {
		t.Errorf("a cancelled start cannot be booked again: %v", err)
	}
}

func TestOneOfManyGetsTheSlot(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]time.Duration{"in a day": 9 * time.Hour, "over midnight": 23*time.Hour + 30*time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, e, s := world(t, func(in *eventtype.CreateInput) { in.DurationMinutes = 60; in.SlotStepMinutes = new(30) })
			var made, taken atomic.Int32
			var all sync.WaitGroup
			for range 50 {
				all.Go(func() {
					switch _, err := s.Create(t.Context(), w.Caller, input(e, tomorrow().Add(start))); {
					case err == nil:
						made.Add(1)
					case apierr.Is(err, apierr.SlotUnavailable):
						taken.Add(1)
					default:
						t.Errorf("create: %v", err)
					}
				})
			}
			all.Wait()
			if made.Load() != 1 || taken.Load() != 49 {
				t.Errorf("%d made and %d refused, want 1 and 49", made.Load(), taken.Load())
			}
		})
	}
}

// Neighbours fight for the ledger of the same day, but not for the same time: all of
// them get theirs.
func TestNeighboursAllGetTheirs(t *testing.T) {
	t.Parallel()
	w, e, s := world(t)
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			in := input(e, tomorrow().Add(time.Duration(i)*30*time.Minute))
			in.IdempotencyKey = fmt.Sprint(i)
			for { // a 503 says that the request may be tried again
				_, err := s.Create(t.Context(), w.Caller, in)
				if !apierr.Is(err, apierr.Unavailable) {
					if err != nil {
						t.Errorf("create %d: %v", i, err)
					}
					return
				}
			}
		})
	}
	all.Wait()
	if p, err := s.List(t.Context(), w.Caller, page.Request{}); err != nil || len(p.Items) != 12 {
		t.Errorf("%d bookings, %v; want 12", len(p.Items), err)
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	w, e, s := world(t)
	in := input(e, tomorrow().Add(9*time.Hour))
	in.IdempotencyKey = "retry"
	var answers [40]booking.Booking
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			var err error
			if answers[i], err = s.Create(t.Context(), w.Caller, in); err != nil {
				t.Errorf("create: %v", err)
			}
		})
	}
	all.Wait()
	public := cmp.FilterPath(func(p cmp.Path) bool { // what callers do not see is not recorded
		switch p.String() {
		case "Version", "Event", "BufferBefore", "BufferAfter":
			return true
		}
		return false
	}, cmp.Ignore())
	for _, a := range answers[1:] {
		if diff := cmp.Diff(answers[0], a, public); diff != "" {
			t.Fatalf("two answers to one request differ (-one +other):\n%s", diff)
		}
	}
	if p, err := s.List(t.Context(), w.Caller, page.Request{}); err != nil || len(p.Items) != 1 {
		t.Errorf("%d bookings, %v; want 1", len(p.Items), err)
	}

	other := in
	other.Attendee.Name = "Eve"
	_, err := s.Create(t.Context(), w.Caller, other)
	want.Code(t, err, apierr.IdempotencyKeyReused, "")

	// The first answer holds even when the booking has changed since.
	if _, err := s.Cancel(t.Context(), w.Caller, booking.CancelInput{ID: answers[0].ID, IdempotencyKey: "retry"}); err != nil {
		t.Fatalf("the key of another operation is another key: %v", err)
	}
	again, err := s.Create(t.Context(), w.Caller, in)
	if diff := cmp.Diff(answers[0], again, public); diff != "" || err != nil {
		t.Errorf("answer after the cancellation: %v (-want +got):\n%s", err, diff)
	}
	if b, err := s.Cancel(t.Context(), w.Caller, booking.CancelInput{ID: answers[0].ID, IdempotencyKey: "retry"}); err != nil || b.Status != booking.Cancelled {
		t.Errorf("a repeated cancellation: %+v, %v", b, err)
	}

	in.IdempotencyKey = strings.Repeat("k", 256)
	_, err = s.Create(t.Context(), w.Caller, in)
	want.Code(t, err, apierr.ValidationFailed, "Idempotency-Key")
}

// flaky loses answers, as a network does: the change is made, and an error returned.
type flaky struct {
	booking.Store
	lose func(n int) error // the error in place of the n-th answer, or nil
	n    int
}

func (f *flaky) Apply(ctx context.Context, t principal.Tenant, c booking.Change) error {
	err := f.Store.Apply(ctx, t, c)
	f.n++
	if lost := f.lose(f.n); lost != nil {
		return lost
	}
	return err
}

func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]error{
		"as a time-out":        context.DeadlineExceeded,
		"as a conflict":        booking.ErrStale,
		"as something unknown": errors.New("connection reset"),
	} {
		for _, key := range []string{"", "key"} {
			t.Run(fmt.Sprintf("%s, key %q", name, key), func(t *testing.T) {
				t.Parallel()
				w, e, _ := world(t)
				s := booking.NewService(&flaky{Store: w.Store, lose: func(int) error { return lost }})
				in := input(e, tomorrow().Add(9*time.Hour))
				in.IdempotencyKey = key
				made, err := s.Create(t.Context(), w.Caller, in)
				if err != nil {
					t.Fatalf("create: %v", err)
				}
				gone, err := s.Cancel(t.Context(), w.Caller, booking.CancelInput{ID: made.ID, IdempotencyKey: key})
				if err != nil || gone.Status != booking.Cancelled {
					t.Fatalf("cancel: %+v, %v", gone, err)
				}
				if p, err := s.List(t.Context(), w.Caller, page.Request{}); err != nil || len(p.Items) != 1 {
					t.Errorf("%d bookings, %v; want 1", len(p.Items), err)
				}
			})
		}
	}
}

// stale never lets a change through.
type stale struct{ booking.Store }

func (stale) Apply(context.Context, principal.Tenant, booking.Change) error { return booking.ErrStale }

func TestContentionWithoutEnd(t *testing.T) {
	t.Parallel()
	w, e, _ := world(t)
	_, err := booking.NewService(stale{w.Store}).Create(t.Context(), w.Caller, input(e, tomorrow()))
	want.Code(t, err, apierr.Unavailable, "")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w, e, s := world(t, func(in *eventtype.CreateInput) { in.MinimumNoticeMinutes = 24 * 60 })
	foreign, foreignType, _ := world(t)
	start := tomorrow().Add(9 * time.Hour)
	for _, tt := range []struct {
		name   string
		change func(*booking.CreateInput)
		code   apierr.Code
		field  string
	}{
		{"no event type", func(in *booking.CreateInput) { in.EventTypeID = "" }, apierr.ValidationFailed, "eventTypeId"},
		{"an unknown event type", func(in *booking.CreateInput) { in.EventTypeID = ids.New(ids.EventType, time.Now()) }, apierr.NotFound, ""},
		{"another tenant's event type", func(in *booking.CreateInput) { in.EventTypeID = foreignType.ID }, apierr.NotFound, ""},
		{"no start", func(in *booking.CreateInput) { in.Start = "" }, apierr.ValidationFailed, "start"},
		{"a start without zone", func(in *booking.CreateInput) { in.Start = "2026-12-01T09:00:00" }, apierr.ValidationFailed, "start"},
		{"a start in the past", func(in *booking.CreateInput) { in.Start = "2020-12-01T09:00:00Z" }, apierr.ValidationFailed, "start"},
		{"a start within the notice", func(in *booking.CreateInput) {
			in.Start = time.Now().UTC().Truncate(time.Hour).Add(2 * time.Hour).Format(time.RFC3339)
		}, apierr.ValidationFailed, "start"},
		{"a start off the grid", func(in *booking.CreateInput) { in.Start = start.Add(7 * time.Minute).Format(time.RFC3339) }, apierr.ValidationFailed, "start"},
		{"no name", func(in *booking.CreateInput) { in.Attendee.Name = " " }, apierr.ValidationFailed, "attendee.name"},
		{"a bad address", func(in *booking.CreateInput) { in.Attendee.Email = "grace@" }, apierr.ValidationFailed, "attendee.email"},
		{"an address with a name", func(in *booking.CreateInput) { in.Attendee.Email = "Grace <grace@example.com>" }, apierr.ValidationFailed, "attendee.email"},
		{"an unknown zone", func(in *booking.CreateInput) { in.Attendee.TimeZone = "Europe/Atlantis" }, apierr.ValidationFailed, "attendee.timeZone"},
		{"no zone", func(in *booking.CreateInput) { in.Attendee.TimeZone = "" }, apierr.ValidationFailed, "attendee.timeZone"},
		{"the machine's zone", func(in *booking.CreateInput) { in.Attendee.TimeZone = "Local" }, apierr.ValidationFailed, "attendee.timeZone"},
	} {
		in := input(e, start)
		tt.change(&in)
		_, err := s.Create(t.Context(), w.Caller, in)
		t.Run(tt.name, func(t *testing.T) { want.Code(t, err, tt.code, tt.field) })
	}
	if p, err := s.List(t.Context(), w.Caller, page.Request{}); err != nil || len(p.Items) != 0 {
		t.Errorf("refusals left %d bookings, %v", len(p.Items), err)
	}

	reader := w.Caller
	reader.Scopes = principal.Scopes{principal.BookingsRead}
	_, err := s.Create(t.Context(), reader, input(e, start))
	want.Code(t, err, apierr.Forbidden, "")
	_, err = s.Cancel(t.Context(), reader, booking.CancelInput{ID: ids.New(ids.Booking, time.Now())})
	want.Code(t, err, apierr.Forbidden, "")
	writer := w.Caller
	writer.Scopes = principal.Scopes{principal.BookingsWrite}
	_, err = s.List(t.Context(), writer, page.Request{})
	want.Code(t, err, apierr.Forbidden, "")
	_, err = s.Get(t.Context(), writer, booking.GetInput{})
	want.Code(t, err, apierr.Forbidden, "")

	made, err := s.Create(t.Context(), w.Caller, input(e, start))
	if err != nil {
		t.Fatal(err)
	}
	inTest := w.Caller
	inTest.Mode = principal.Test
	for name, stranger := range map[string]principal.Principal{"another tenant": foreign.Caller, "the other mode": inTest} {
		_, err := s.Get(t.Context(), stranger, booking.GetInput{ID: made.ID})
		t.Run(name+" gets", func(t *testing.T) { want.Code(t, err, apierr.NotFound, "") })
		_, err = s.Cancel(t.Context(), stranger, booking.CancelInput{ID: made.ID})
		t.Run(name+" cancels", func(t *testing.T) { want.Code(t, err, apierr.NotFound, "") })
		if p, err := s.List(t.Context(), stranger, page.Request{}); err != nil || len(p.Items) != 0 {
			t.Errorf("%s lists %d bookings, %v", name, len(p.Items), err)
		}
	}
	_, err = s.Get(t.Context(), w.Caller, booking.GetInput{ID: "bkg_#"})
	want.Code(t, err, apierr.NotFound, "")
}

// Buffers keep both bookings apart, also over midnight: the ledgers of both days know.
func TestBuffersOverMidnight(t *testing.T) {
	t.Parallel()
	w, e, s := world(t, func(in *eventtype.CreateInput) { in.BufferAfterMinutes = 60 })
	midnight := tomorrow().AddDate(0, 0, 1)
	if _, err := s.Create(t.Context(), w.Caller, input(e, midnight.Add(-30*time.Minute))); err != nil {
		t.Fatal(err)
	}
	listed := offered(t, w, e, midnight)
	for minutes, free := range map[int]bool{0: false, 30: false, 60: true} {
		start := midnight.Add(time.Duration(minutes) * time.Minute)
		_, err := s.Create(t.Context(), w.Caller, input(e, start))
		if got := err == nil; got != free || listed[start] != free {
			t.Errorf("%d minutes after: booked %v (%v), offered %v; want %v", minutes, got, err, listed[start], free)
		}
	}
}

func TestListInPages(t *testing.T) {
	t.Parallel()
	w, e, s := world(t)
	var booked []string
	for i := range 7 {
		b, err := s.Create(t.Context(), w.Caller, input(e, tomorrow().Add(time.Duration(i)*30*time.Minute)))
		if err != nil {
			t.Fatal(err)
		}
		booked = append(booked, b.ID)
	}
	var got []string
	request := page.Request{Limit: new(3)}
	for {
		p, err := s.List(t.Context(), w.Caller, request)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range p.Items {
			got = append(got, b.ID)
		}
		if p.Next == "" {
			break
		}
		request.Cursor = p.Next
	}
	if diff := cmp.Diff(booked, got); diff != "" {
		t.Errorf("bookings in order of start differ (-want +got):\n%s", diff)
	}
	for _, cursor := range []string{"x", page.Seal(w.Caller.Tenant, "bookings", "forged"), page.Seal(w.Caller.Tenant, "event types", booked[0])} {
		_, err := s.List(t.Context(), w.Caller, page.Request{Cursor: cursor})
		want.Code(t, err, apierr.ValidationFailed, "cursor")
	}
	_, err := s.List(t.Context(), w.Caller, page.Request{Limit: new(101)})
	want.Code(t, err, apierr.ValidationFailed, "limit")
}
