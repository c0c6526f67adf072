package e2e_test

import (
	"net/http"
	"testing"
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
