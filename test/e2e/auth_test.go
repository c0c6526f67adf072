package e2e_test

import (
	"encoding/base64"
	"net/http"
	"os"
	"strings"
	"testing"

	"keyslot/local/template"
	"keyslot/shared/credential"
	"keyslot/shared/ids"
	"keyslot/shared/principal"
)

// The exact bodies of the three refusals: B-16, B-17, B-18.
const (
	missingKey = `{"success":false,"error":{"code":"UNAUTHORIZED","message":"No API key provided. Include your API key in the Authorization header."}}`
	invalidKey = `{"success":false,"error":{"code":"INVALID_API_KEY","message":"The API key provided is invalid or has been revoked."}}`
	forbidden  = `{"success":false,"error":{"code":"FORBIDDEN","message":"Your API key does not have permission to access this resource."}}`
)

func (a answer) exactly(t testing.TB, status int, body string) {
	t.Helper()
	if a.status != status || a.body != body {
		t.Errorf("got %d %s\nwant %d %s", a.status, a.body, status, body)
	}
	if a.header.Get("X-Request-Id") == "" {
		t.Error("the answer has no X-Request-Id")
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type = %q", got)
	}
}

func TestCredentialForms(t *testing.T) {
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, key := range []string{target.TestKey, target.ImportedLive, target.Owner} {
		for name, header := range map[string]map[string]string{
			"B-3, Bearer":                      {"Authorization": "Bearer " + key},
			"T-4, Basic with an empty user":    {"Authorization": "Basic " + encode(":"+key)},
			"T-4, Basic with no user":          {"Authorization": "Basic " + encode(key)},
			"T-5, bare":                        {"Authorization": key},
			"T-12, bare base64":                {"Authorization": encode(":" + key)},
			"X-Api-Key":                        {"X-Api-Key": key},
			"6.1, X-Jicoo-Api-Key":             {"X-Jicoo-Api-Key": key},
			"B-9, with a Content-Type":         {"Authorization": "Bearer " + key, "Content-Type": "application/json"},
			"in two headers that say the same": {"Authorization": "Bearer " + key, "X-Api-Key": key},
		} {
			if a := (call{path: "/v1/bookings", header: header}).do(t); a.status != http.StatusOK {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
	}
	vector := map[string]string{"Authorization": "Basic OnRlc3RfYXBpX2tleV9mb29iYXI="} // T-12, as written
	call{path: "/v1/bookings", header: vector}.do(t).want(t, http.StatusOK, nil)
}

func TestMe(t *testing.T) {
	for key, mode := range map[string]string{target.TestKey: "test", target.ImportedLive: "live", target.Reader: "live"} {
		var me struct {
			Kind           string   `json:"kind"`
			OrganizationID string   `json:"organizationId"`
			Mode           string   `json:"mode"`
			KeyID          string   `json:"keyId"`
			Scopes         []string `json:"scopes"`
		}
		a := call{path: "/v1/me", header: with(key)}.do(t)
		a.want(t, http.StatusOK, &me)
		if me.Kind != "api_key" || me.OrganizationID != target.Organization || me.Mode != mode || !ids.Is(ids.APIKey, me.KeyID) || len(me.Scopes) != 1 {
			t.Errorf("me = %+v", me)
		}
		if strings.Contains(a.body, key) {
			t.Errorf("the answer shows the key: %s", a.body)
		}
	}
}

// Every route refuses those whom it has to, before it does anything.
func TestEachRouteRefuses(t *testing.T) {
	tmpl, err := template.Load("../../template.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	unknown := credential.NewValue(ids.NewAPIKey(), principal.Live).Reveal()
	damaged := unknown[:len(unknown)-1] + "0"
	if damaged == unknown {
		damaged = unknown[:len(unknown)-1] + "1"
	}
	routes := 0
	for _, f := range tmpl.Functions {
		for _, r := range f.Routes {
			if r.Authorizer == "" {
				continue
			}
			routes++
			path := strings.NewReplacer(
				"{eventTypeId}", target.LiveEventType, "{userId}", target.Users[0],
				"{calendarId}", "cal_00000000000000000000", "{bookingId}", "bkg_00000000000000000000", "{keyId}", "key_000000000000",
			).Replace(r.Path)
			t.Run(r.Method+" "+r.Path, func(t *testing.T) {
				ask := func(header map[string]string) answer {
					return call{method: r.Method, path: path, header: header, body: "{}"}.do(t)
				}
				ask(nil).exactly(t, 401, missingKey)
				ask(with(unknown)).exactly(t, 401, invalidKey)
				ask(with(damaged)).exactly(t, 401, invalidKey)
				ask(map[string]string{"Authorization": "Digest x"}).exactly(t, 401, invalidKey)
				ask(map[string]string{"Authorization": "Bearer " + target.Owner, "X-Api-Key": target.TestKey}).exactly(t, 401, invalidKey)
				plain := with(target.Owner) // J-K8: neither served nor redirected
				plain["X-Forwarded-Proto"] = "http"
				ask(plain).exactly(t, 401, invalidKey)
				if r.Method != http.MethodGet {
					ask(with(target.Reader)).exactly(t, 403, forbidden)
				}
			})
		}
	}
	if routes < 22 {
		t.Errorf("only %d routes were tried", routes)
	}
}

func TestWhatIsPublic(t *testing.T) {
	call{path: "/v1/health"}.do(t).exactly(t, 200, `{"success":true,"data":{"status":"ok"}}`)
	for _, c := range []call{
		{path: "/v1/nothing"},
		{path: "/"},
		{path: "/v1/bookings/x/y/z", header: with(target.Owner)},
		{path: "/v1/bookings", method: http.MethodDelete, header: with(target.Owner)},
	} {
		c.do(t).refused(t, 404, "NOT_FOUND", "")
	}
	call{path: "/v1/bookings?api_key=" + target.Owner}.do(t).exactly(t, 401, missingKey) // never in a URL
}

// No value of a key stands in a log or an answer.
func TestNoKeyIsLogged(t *testing.T) {
	if target.Log == "" {
		t.Skip("the log of a target elsewhere is out of reach")
	}
	call{path: "/v1/me", header: with(target.Owner)}.do(t).want(t, http.StatusOK, nil)
	log, err := os.ReadFile(target.Log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), `"route":"/v1/me"`) {
		t.Error("the log lacks the request that was just made: the test shows nothing")
	}
	for _, key := range []string{target.Owner, target.Reader, target.TestKey, target.ImportedLive} {
		for _, form := range []string{key, base64.StdEncoding.EncodeToString([]byte(":" + key))} {
			if strings.Contains(string(log), form) {
				t.Errorf("the log shows a key (%s…)", form[:8])
			}
		}
	}
}
