package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"keyslot/shared/bootstrap"
	"keyslot/shared/calendar"
	"keyslot/shared/eventtype"
	"keyslot/shared/organization"
	"keyslot/shared/principal"
	"keyslot/shared/slot"
)

// A Demo is an organization to try things with: two users with working hours, and an
// event type in each mode.
type Demo struct {
	Organization  string   `json:"organization"`
	Users         []string `json:"users"`
	Calendars     []string `json:"calendars"` // live, in the order of the users
	LiveEventType string   `json:"liveEventType"`
	TestEventType string   `json:"testEventType"`
	// Keys. Owner and Reader are live; Reader may only read.
	Owner        string `json:"owner"`
	Reader       string `json:"reader"`
	TestKey      string `json:"testKey"`      // T-12's, imported
	ImportedLive string `json:"importedLive"` // T-6's, imported
}

// The keys of T-12 and T-6, which another system issued.
const (
	importedTest = "test_api_key_foobar"
	importedLive = "live_api_key_7nzvc7wsBQQISLeFSVhROys9V1bUJ1z7"
)

// seed makes the demo, or finds that of an earlier run in dataDir. What an earlier
// run left half made is finished: each step is kept, or can be repeated.
func (s *Stack) seed(ctx context.Context, dataDir string) error {
	file := filepath.Join(dataDir, "demo.json")
	if dataDir != "" {
		js, err := os.ReadFile(file) //nolint:gosec // a path of our own
		if err == nil {
			err = json.Unmarshal(js, &s.Demo)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("kept demo: %w", err)
		}
	}
	keep := func() error {
		if dataDir == "" {
			return nil
		}
		js, err := json.MarshalIndent(s.Demo, "", "  ")
		if err != nil {
			return err
		}
		return os.WriteFile(file, js, 0o600)
	}
	for _, step := range []struct {
		done bool
		do   func(context.Context) error
	}{{s.Demo.Organization != "", s.makeOrganization}, {s.Demo.TestEventType != "", s.makeEventTypes}} {
		if step.done {
			continue
		}
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("seed the demo: %w", err)
		}
		if err := keep(); err != nil {
			return err
		}
	}
	return nil
}

// makeOrganization creates the organization, its users and keys.
func (s *Stack) makeOrganization(ctx context.Context) error {
	in := bootstrap.Input{
		Users: []bootstrap.UserInput{
			{Name: "Ada Example", Email: "ada@example.com", TimeZone: "Europe/Berlin", Role: organization.Owner},
			{Name: "Bob Example", Email: "bob@example.com", TimeZone: "America/New_York", Role: organization.Member},
		},
		Keys: []bootstrap.KeyInput{
			{Name: "Owner", Mode: principal.Live, Scopes: []string{"*"}},
			{Name: "Reader", Mode: principal.Live, Scopes: []string{"*:read"}},
			{Name: "Imported test key", Mode: principal.Test, Scopes: []string{"*"}, Value: importedTest},
			{Name: "Imported live key", Mode: principal.Live, Scopes: []string{"*"}, Value: importedLive},
		},
	}
	in.Organization.Name, in.Organization.Plan = "Demo Clinic", organization.PlanPlatform
	payload, err := json.Marshal(in)
	if err != nil {
		return err
	}
	result, err := s.Invoke(ctx, "JobsBootstrap", payload)
	if err != nil {
		return err
	}
	if result.Error != "" {
		return fmt.Errorf("JobsBootstrap: %s", result.Payload)
	}
	var out bootstrap.Output
	if err := json.Unmarshal(result.Payload, &out); err != nil {
		return err
	}
	s.Demo = Demo{
		Organization: out.Organization.ID,
		Owner:        out.Keys[0].Value, Reader: out.Keys[1].Value, TestKey: out.Keys[2].Value, ImportedLive: out.Keys[3].Value,
	}
	for _, u := range out.Users {
		s.Demo.Users = append(s.Demo.Users, u.ID)
	}
	return nil
}

// makeEventTypes gives the users working hours, and the first of them an event type,
// in both modes.
func (s *Stack) makeEventTypes(ctx context.Context) error {
	zones := []string{"Europe/Berlin", "America/New_York"}
	live, test := []string{}, []string{}
	for _, mode := range []struct {
		key       string
		eventType *string
		calendars *[]string
	}{{s.Demo.Owner, &s.Demo.LiveEventType, &live}, {s.Demo.TestKey, &s.Demo.TestEventType, &test}} {
		for i, user := range s.Demo.Users {
			var c calendar.Calendar
			err := s.post(ctx, mode.key, "/v1/users/"+user+"/availability-calendars", calendar.CreateInput{
				Name: "Working hours", TimeZone: zones[i],
				WeeklyHours: []calendar.Weekly{{
					Days:   []string{"monday", "tuesday", "wednesday", "thursday", "friday"},
					Period: calendar.Period{Start: "09:00", End: "17:00"},
				}},
			}, &c)
			if err != nil {
				return err
			}
			*mode.calendars = append(*mode.calendars, c.ID)
		}
		var e eventtype.EventType
		err := s.post(ctx, mode.key, "/v1/event-types", eventtype.CreateInput{
			Title: "Consultation", Slug: "consultation", DurationMinutes: 30, Hosts: []eventtype.Host{{UserID: s.Demo.Users[0]}},
		}, &e)
		if err != nil {
			return err
		}
		*mode.eventType = e.ID
	}
	s.Demo.Calendars = live
	return nil
}

// FreeStart returns the start of a slot of the test event type that is free, in the
// week from from on.
func (s *Stack) FreeStart(ctx context.Context, from time.Time) (time.Time, error) {
	query := url.Values{
		"timeZone": {"Europe/Berlin"}, "from": {from.Format(time.RFC3339)}, "to": {from.AddDate(0, 0, 7).Format(time.RFC3339)},
	}
	var slots []slot.Slot
	err := s.call(ctx, http.MethodGet, s.Demo.TestKey, "/v1/event-types/"+s.Demo.TestEventType+"/slots?"+query.Encode(), nil, &slots)
	if err == nil && len(slots) == 0 {
		err = errors.New("no slot is free")
	}
	if err != nil {
		return time.Time{}, err
	}
	return slots[0].Start, nil
}

// post creates something, once however often it is called within a day.
func (s *Stack) post(ctx context.Context, key, path string, in, out any) error {
	js, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return s.call(ctx, http.MethodPost, key, path, js, out)
}

// call sends a request through the gateway, as any caller would, and reads the data of
// the answer into out.
func (s *Stack) call(ctx context.Context, method, key, path string, body []byte, out any) error {
	r, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	if method == http.MethodPost {
		r.Header.Set("Idempotency-Key", "demo")
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, answer)
	}
	return json.Unmarshal(answer, &struct {
		Data any `json:"data"`
	}{out})
}
