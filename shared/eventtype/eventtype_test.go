package eventtype_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/apierr"
	"keyslot/shared/dynamo"
	"keyslot/shared/eventtype"
	"keyslot/shared/ids"
	"keyslot/shared/page"
	"keyslot/shared/principal"
	"keyslot/test/fixture"
	"keyslot/test/want"
)

func TestCreateGetList(t *testing.T) {
	t.Parallel()
	w := fixture.New(t, dynamo.Open())
	s := eventtype.NewService(w.Store)
	c := w.AlwaysOpen(t)
	var made []eventtype.EventType
	for i := range 3 {
		e, err := s.Create(t.Context(), w.Caller, eventtype.CreateInput{
			Title: "Type", Slug: fmt.Sprintf("type-%d", i), Description: "d", DurationMinutes: 45, SlotStepMinutes: new(15),
			BufferBeforeMinutes: 5, BufferAfterMinutes: 10, MinimumNoticeMinutes: 60,
			Hosts: []eventtype.Host{{UserID: w.Users[1].ID}, {UserID: w.Users[0].ID, AvailabilityCalendarID: c.ID}}[i%2 : i%2+1],
		})
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, e)
		got, err := s.Get(t.Context(), w.Caller, eventtype.GetInput{ID: e.ID})
		if diff := cmp.Diff(e, got); diff != "" || err != nil {
			t.Errorf("stored event type differs: %v (-want +got):\n%s", err, diff)
		}
		time.Sleep(2 * time.Millisecond) // ids sort by the millisecond
	}
	first, err := s.List(t.Context(), w.Caller, page.Request{Limit: new(2)})
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.List(t.Context(), w.Caller, page.Request{Limit: new(2), Cursor: first.Next})
	if err != nil || second.Next != "" {
		t.Errorf("second page continues at %q, %v", second.Next, err)
	}
	if diff := cmp.Diff(made, append(first.Items, second.Items...)); diff != "" {
		t.Errorf("listed event types differ (-want +got):\n%s", diff)
	}
}

func TestDefaultStepIsTheDuration(t *testing.T) {
	t.Parallel()
	w := fixture.New(t, dynamo.Open())
	if e := w.EventType(t); e.SlotStepMinutes != e.DurationMinutes {
		t.Errorf("step %d, want %d", e.SlotStepMinutes, e.DurationMinutes)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := fixture.New(t, dynamo.Open())
	other := fixture.New(t, dynamo.Open())
	s := eventtype.NewService(w.Store)
	for _, tt := range []struct {
		name   string
		change func(*eventtype.CreateInput)
		code   apierr.Code
		field  string
	}{
		{"no title", func(in *eventtype.CreateInput) { in.Title = "" }, apierr.ValidationFailed, "title"},
		{"a slug with a space", func(in *eventtype.CreateInput) { in.Slug = "a b" }, apierr.ValidationFailed, "slug"},
		{"no duration", func(in *eventtype.CreateInput) { in.DurationMinutes = 0 }, apierr.ValidationFailed, "durationMinutes"},
		{"a duration over a day", func(in *eventtype.CreateInput) { in.DurationMinutes = 1441 }, apierr.ValidationFailed, "durationMinutes"},
		{"a step of nothing", func(in *eventtype.CreateInput) { in.SlotStepMinutes = new(0) }, apierr.ValidationFailed, "slotStepMinutes"},
		{"a negative buffer", func(in *eventtype.CreateInput) { in.BufferAfterMinutes = -1 }, apierr.ValidationFailed, "bufferAfterMinutes"},
		{"no host", func(in *eventtype.CreateInput) { in.Hosts = nil }, apierr.ValidationFailed, "hosts"},
		{"a host that is no user id", func(in *eventtype.CreateInput) { in.Hosts[0].UserID = "ada" }, apierr.ValidationFailed, "hosts[0].userId"},
		{"an unknown host", func(in *eventtype.CreateInput) { in.Hosts[0].UserID = ids.New(ids.User, time.Now()) }, apierr.NotFound, ""},
		{"another tenant's user", func(in *eventtype.CreateInput) { in.Hosts[0].UserID = other.Users[0].ID }, apierr.NotFound, ""},
		{"an unknown calendar", func(in *eventtype.CreateInput) {
			in.Hosts[0].AvailabilityCalendarID = ids.New(ids.Calendar, time.Now())
		}, apierr.NotFound, ""},
	} {
		in := eventtype.CreateInput{Title: "T", Slug: "t", DurationMinutes: 30, Hosts: []eventtype.Host{{UserID: w.Users[0].ID}}}
		tt.change(&in)
		_, err := s.Create(t.Context(), w.Caller, in)
		t.Run(tt.name, func(t *testing.T) { want.Code(t, err, tt.code, tt.field) })
	}
	if p, err := s.List(t.Context(), w.Caller, page.Request{}); err != nil || len(p.Items) != 0 {
		t.Errorf("refusals left %d event types, %v", len(p.Items), err)
	}

	e := w.EventType(t)
	_, err := s.Create(t.Context(), w.Caller, eventtype.CreateInput{Title: "T", Slug: e.Slug, DurationMinutes: 30, Hosts: e.Hosts})
	want.Code(t, err, apierr.Conflict, "")
	_, err = s.Get(t.Context(), other.Caller, eventtype.GetInput{ID: e.ID})
	want.Code(t, err, apierr.NotFound, "")
	_, err = s.Get(t.Context(), w.Caller, eventtype.GetInput{ID: "evt_#"})
	want.Code(t, err, apierr.NotFound, "")
	nobody := w.Caller
	nobody.Scopes = principal.Scopes{principal.BookingsRead}
	_, err = s.List(t.Context(), nobody, page.Request{})
	want.Code(t, err, apierr.Forbidden, "")
	_, err = s.Create(t.Context(), nobody, eventtype.CreateInput{})
	want.Code(t, err, apierr.Forbidden, "")
	_, err = s.List(t.Context(), w.Caller, page.Request{Cursor: page.Seal(w.Caller.Tenant, "event types", "forged")})
	want.Code(t, err, apierr.ValidationFailed, "cursor")
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	w := fixture.New(t, dynamo.Open())
	s := eventtype.NewService(w.Store)
	in := eventtype.CreateInput{IdempotencyKey: "k", Title: "T", Slug: "t", DurationMinutes: 30, Hosts: []eventtype.Host{{UserID: w.Users[0].ID}}}
	first, err := s.Create(t.Context(), w.Caller, in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Create(t.Context(), w.Caller, in)
	if diff := cmp.Diff(first, again); diff != "" || err != nil {
		t.Errorf("second answer differs: %v (-want +got):\n%s", err, diff)
	}
	in.Title = "Other"
	_, err = s.Create(t.Context(), w.Caller, in)
	want.Code(t, err, apierr.IdempotencyKeyReused, "")
	stranger := w.Caller
	stranger.KeyID = ids.NewAPIKey()
	_, err = s.Create(t.Context(), stranger, in) // another credential's key is another key
	want.Code(t, err, apierr.Conflict, "")
}
