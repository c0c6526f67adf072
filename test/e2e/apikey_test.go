package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"keyslot/shared/ids"
)

type apiKey struct {
	ID     string `json:"id"`
	Value  string `json:"value"`
	Status string `json:"status"`
}

func makeKey(t *testing.T, body any) apiKey {
	t.Helper()
	var k apiKey
	call{method: http.MethodPost, path: "/v1/api-keys", header: with(target.Owner), body: body}.do(t).want(t, http.StatusCreated, &k)
	return k
}

func changeKey(t *testing.T, id, verb string) answer {
	t.Helper()
	return call{method: http.MethodPost, path: "/v1/api-keys/" + id + "/" + verb, header: with(target.Owner)}.do(t)
}

// B-6, D-22, B-14, D-25, D-27: a key's life, each change of which holds on the very
// next request.
func TestKeyLife(t *testing.T) {
	k := makeKey(t, `{"name":"Website"}`)
	use := call{path: "/v1/bookings", header: with(k.Value)}
	use.do(t).want(t, http.StatusOK, nil)
	for range 20 {
		changeKey(t, k.ID, "disable").want(t, http.StatusOK, nil)
		use.do(t).exactly(t, 401, invalidKey)
		changeKey(t, k.ID, "enable").want(t, http.StatusOK, nil)
		use.do(t).want(t, http.StatusOK, nil)
	}
	remove := call{method: http.MethodDelete, path: "/v1/api-keys/" + k.ID, header: with(target.Owner)}
	remove.do(t).refused(t, http.StatusConflict, "KEY_ENABLED", "")
	changeKey(t, k.ID, "revoke").want(t, http.StatusOK, nil)
	use.do(t).exactly(t, 401, invalidKey)
	changeKey(t, k.ID, "enable").refused(t, http.StatusConflict, "INVALID_STATE", "")
	remove.do(t).want(t, http.StatusOK, nil)
	use.do(t).exactly(t, 401, invalidKey)
	call{path: "/v1/api-keys/" + k.ID, header: with(target.Owner)}.do(t).refused(t, http.StatusNotFound, "NOT_FOUND", "")
}

// A value of another system becomes a key once, can be managed like any other, and is
// not shown again.
func TestKeyImport(t *testing.T) {
	value := "cal_live_" + ids.Random(32)
	body := map[string]any{"value": value, "scopes": []string{"*:read"}}
	use := call{path: "/v1/bookings", header: with(value)}
	use.do(t).exactly(t, 401, invalidKey)
	add := call{method: http.MethodPost, path: "/v1/api-keys/import", header: with(target.Owner), body: body}
	a := add.do(t)
	var k apiKey
	a.want(t, http.StatusCreated, &k)
	if strings.Contains(a.body, value) {
		t.Errorf("the answer repeats the value: %s", a.body)
	}
	use.do(t).want(t, http.StatusOK, nil)
	add.do(t).refused(t, http.StatusConflict, "CONFLICT", "")
	changeKey(t, k.ID, "disable").want(t, http.StatusOK, nil)
	use.do(t).exactly(t, 401, invalidKey)
	call{method: http.MethodDelete, path: "/v1/api-keys/" + k.ID, header: with(target.Owner)}.do(t).want(t, http.StatusOK, nil)
	use.do(t).exactly(t, 401, invalidKey)
	add.do(t).want(t, http.StatusCreated, &k) // what is gone can be imported again
	defer changeKey(t, k.ID, "revoke")
	for _, bad := range []string{"", "short", "with a space in it", target.Owner} {
		body["value"] = bad
		add.do(t).refused(t, http.StatusUnprocessableEntity, "VALIDATION_FAILED", "value")
	}
}

// D-9, D-13…D-16: scopes and allowlist hold on the very next request, everywhere.
func TestKeyScopesAndAllowlist(t *testing.T) {
	k := makeKey(t, `{"scopes":["bookings:read"]}`)
	defer changeKey(t, k.ID, "revoke")
	update := func(body string) {
		t.Helper()
		call{method: http.MethodPatch, path: "/v1/api-keys/" + k.ID, header: with(target.Owner), body: body}.do(t).want(t, http.StatusOK, nil)
	}
	bookings, types, me := call{path: "/v1/bookings", header: with(k.Value)}, call{path: "/v1/event-types", header: with(k.Value)}, call{path: "/v1/me", header: with(k.Value)}
	bookings.do(t).want(t, http.StatusOK, nil)
	types.do(t).exactly(t, 403, forbidden)
	update(`{"scopes":["event-types:read"]}`)
	bookings.do(t).exactly(t, 403, forbidden)
	types.do(t).want(t, http.StatusOK, nil)

	update(`{"allowlist":["203.0.113.*"]}`)
	for _, c := range []call{types, me} {
		c.do(t).exactly(t, 403, forbidden)
		c.header["X-Forwarded-For"] = "203.0.113.7" // which a client can write
		c.do(t).exactly(t, 403, forbidden)
	}
	update(`{"allowlist":["127.0.0.0/8","::1"]}`)
	types.do(t).want(t, http.StatusOK, nil)
	update(`{"allowlist":[]}`)
	types.do(t).want(t, http.StatusOK, nil)
}
