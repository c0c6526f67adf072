package calendar_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyslot/shared/apierr"
	"keyslot/shared/calendar"
	"keyslot/shared/dynamo"
	"keyslot/shared/ids"
	"keyslot/shared/principal"
	"keyslot/test/fixture"
	"keyslot/test/want"
)

func hours(user string) calendar.CreateInput {
	return calendar.CreateInput{
		UserID: user, Name: "Working hours", TimeZone: "Europe/Berlin",
		WeeklyHours: []calendar.Weekly{{Days: []string{"monday", "friday"}, Period: calendar.Period{Start: "09:00", End: "17:00"}}},
		Overrides: []calendar.Override{
			{Date: "2026-12-24"},
			{Date: "2026-12-31", Hours: []calendar.Period{{Start: "09:00", End: "12:00"}, {Start: "22:00", End: "24:00"}}},
		},
	}
}

func TestCreateGetList(t *testing.T) {
	t.Parallel()
	w := fixture.New(t, dynamo.Open())
	s := calendar.NewService(w.Store)
	user := w.Users[0].ID
	first, err := s.Create(t.Context(), w.Caller, hours(user))
	if err != nil {
		t.Fatal(err)
	}
	if !first.IsDefault {
		t.Error("the first calendar is not the default")
	}
	time.Sleep(2 * time.Millisecond) // ids sort by the millisecond
	second, err := s.Create(t.Context(), w.Caller, hours(user))
	if err != nil {
		t.Fatal(err)
	}
	if second.IsDefault {
		t.Error("the second calendar is the default")
	}
	time.Sleep(2 * time.Millisecond)
	in := hours(user)
	in.IsDefault = true
	third, err := s.Create(t.Context(), w.Caller, in)
	if err != nil || !third.IsDefault {
		t.Fatalf("a calendar that is to be the default: %+v, %v", third, err)
	}
	first.IsDefault = false
	p, err := s.List(t.Context(), w.Caller, calendar.ListInput{UserID: user})
	if diff := cmp.Diff([]calendar.Calendar{first, second, third}, p.Items); diff != "" || err != nil {
		t.Errorf("listed calendars differ: %v (-want +got):\n%s", err, diff)
	}
	got, err := s.Get(t.Context(), w.Caller, calendar.GetInput{UserID: user, ID: third.ID})
	if diff := cmp.Diff(third, got); diff != "" || err != nil {
		t.Errorf("stored calendar differs: %v (-want +got):\n%s", err, diff)
	}
	_, err = s.Get(t.Context(), w.Caller, calendar.GetInput{UserID: w.Users[1].ID, ID: third.ID})
	want.Code(t, err, apierr.NotFound, "")
}

func TestOneDefaultAmongRacers(t *testing.T) {
	t.Parallel()
	w := fixture.New(t, dynamo.Open())
	s := calendar.NewService(w.Store)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := s.Create(t.Context(), w.Caller, hours(w.Users[0].ID)); err != nil {
				t.Errorf("create: %v", err)
			}
		})
	}
	all.Wait()
	p, err := s.List(t.Context(), w.Caller, calendar.ListInput{UserID: w.Users[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	standard := 0
	for _, c := range p.Items {
		if c.IsDefault {
			standard++
		}
	}
	if len(p.Items) != 8 || standard != 1 {
		t.Errorf("%d calendars with %d defaults, want 8 with one", len(p.Items), standard)
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	w := fixture.New(t, dynamo.Open())
	s := calendar.NewService(w.Store)
	for _, user := range w.Users { // the user is a part of the request
		for _, second := range []bool{false, true} { // the first of a user, and a later one
			in := hours(user.ID)
			in.IdempotencyKey = "k"
			if second {
				in.IdempotencyKey = "l"
			}
			first, err := s.Create(t.Context(), w.Caller, in)
			if err != nil {
				t.Fatal(err)
			}
			again, err := s.Create(t.Context(), w.Caller, in)
			if diff := cmp.Diff(first, again); diff != "" || err != nil {
				t.Errorf("second answer differs: %v (-want +got):\n%s", err, diff)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := fixture.New(t, dynamo.Open())
	other := fixture.New(t, dynamo.Open())
	s := calendar.NewService(w.Store)
	for _, tt := range []struct {
		name   string
		change func(*calendar.CreateInput)
		code   apierr.Code
		field  string
	}{
		{"no name", func(in *calendar.CreateInput) { in.Name = "" }, apierr.ValidationFailed, "name"},
		{"a long name", func(in *calendar.CreateInput) { in.Name = strings.Repeat("é", 201) }, apierr.ValidationFailed, "name"},
		{"no zone", func(in *calendar.CreateInput) { in.TimeZone = "" }, apierr.ValidationFailed, "timeZone"},
		{"an unknown zone", func(in *calendar.CreateInput) { in.TimeZone = "CEST" }, apierr.ValidationFailed, "timeZone"},
		{"a path for a zone", func(in *calendar.CreateInput) { in.TimeZone = "../etc/passwd" }, apierr.ValidationFailed, "timeZone"},
		{"an unknown day", func(in *calendar.CreateInput) { in.WeeklyHours[0].Days[1] = "Freitag" }, apierr.ValidationFailed, "weeklyHours[0].days[1]"},
		{"no day", func(in *calendar.CreateInput) { in.WeeklyHours[0].Days = nil }, apierr.ValidationFailed, "weeklyHours[0].days"},
		{"an hour that there is not", func(in *calendar.CreateInput) { in.WeeklyHours[0].Start = "25:00" }, apierr.ValidationFailed, "weeklyHours[0].start"},
		{"an end before the start", func(in *calendar.CreateInput) { in.WeeklyHours[0].End = "09:00" }, apierr.ValidationFailed, "weeklyHours[0].end"},
		{"a date that there is not", func(in *calendar.CreateInput) { in.Overrides[0].Date = "2026-02-30" }, apierr.ValidationFailed, "overrides[0].date"},
		{"a date twice", func(in *calendar.CreateInput) { in.Overrides[1].Date = in.Overrides[0].Date }, apierr.ValidationFailed, "overrides[1].date"},
		{"bad hours of a date", func(in *calendar.CreateInput) { in.Overrides[1].Hours[1].End = "24:01" }, apierr.ValidationFailed, "overrides[1].hours[1].end"},
		{"too many overrides", func(in *calendar.CreateInput) { in.Overrides = make([]calendar.Override, 1001) }, apierr.ValidationFailed, "overrides"},
		{"an unknown user", func(in *calendar.CreateInput) { in.UserID = ids.New(ids.User, time.Now()) }, apierr.NotFound, ""},
		{"another tenant's user", func(in *calendar.CreateInput) { in.UserID = other.Users[0].ID }, apierr.NotFound, ""},
		{"no user id", func(in *calendar.CreateInput) { in.UserID = "x#y" }, apierr.NotFound, ""},
	} {
		in := hours(w.Users[0].ID)
		tt.change(&in)
		_, err := s.Create(t.Context(), w.Caller, in)
		t.Run(tt.name, func(t *testing.T) { want.Code(t, err, tt.code, tt.field) })
	}
	if p, err := s.List(t.Context(), w.Caller, calendar.ListInput{UserID: w.Users[0].ID}); err != nil || len(p.Items) != 0 {
		t.Errorf("refusals left %d calendars, %v", len(p.Items), err)
	}
	_, err := s.List(t.Context(), w.Caller, calendar.ListInput{UserID: other.Users[0].ID})
	want.Code(t, err, apierr.NotFound, "")
	reader := w.Caller
	reader.Scopes = principal.Scopes{principal.AvailabilityRead}
	_, err = s.Create(t.Context(), reader, hours(w.Users[0].ID))
	want.Code(t, err, apierr.Forbidden, "")
}
