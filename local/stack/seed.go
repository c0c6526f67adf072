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
	"os"
	"path/filepath"

	"keyslot/shared/bootstrap"
	"keyslot/shared/calendar"
	"keyslot/shared/eventtype"
	"keyslot/shared/organization"
	"keyslot/shared/principal"
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

// seed makes the demo, or finds that of an earlier run in dataDir.
func (s *Stack) seed(ctx context.Context, dataDir string) error {
	file := filepath.Join(dataDir, "demo.json")
	if dataDir != "" {
		js, err := os.ReadFile(file) //nolint:gosec // a path of our own
		if err == nil {
			return json.Unmarshal(js, &s.Demo)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := s.makeDemo(ctx); err != nil {
		return fmt.Errorf("%w: %w", errSeed, err)
	}
	if dataDir == "" {
		return nil
	}
	js, err := json.MarshalIndent(s.Demo, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(file, js)
}

func (s *Stack) makeDemo(ctx context.Context) error {
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
	for _, mode := range []struct {
		key       string
		eventType *string
		calendars *[]string
	}{{s.Demo.Owner, &s.Demo.LiveEventType, &s.Demo.Calendars}, {s.Demo.TestKey, &s.Demo.TestEventType, new([]string)}} {
		for _, u := range out.Users {
			var c calendar.Calendar
			err := s.post(ctx, mode.key, "/v1/users/"+u.ID+"/availability-calendars", calendar.CreateInput{
				Name: "Working hours", TimeZone: u.TimeZone,
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
			Title: "Consultation", Slug: "consultation", DurationMinutes: 30, Hosts: []eventtype.Host{{UserID: out.Users[0].ID}},
		}, &e)
		if err != nil {
			return err
		}
		*mode.eventType = e.ID
	}
	for _, u := range out.Users {
		s.Demo.Users = append(s.Demo.Users, u.ID)
	}
	return nil
}

// post sends a request through the gateway, as any caller would.
func (s *Stack) post(ctx context.Context, key, path string, in, out any) error {
	js, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+path, bytes.NewReader(js))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("POST %s: %s: %s", path, resp.Status, body)
	}
	return json.Unmarshal(body, &struct {
		Data any `json:"data"`
	}{out})
}
