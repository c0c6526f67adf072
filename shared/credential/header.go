package credential

import (
	"encoding/base64"
	"errors"
	"net/textproto"
	"strings"

	"keyslot/shared/secret"
)

// Errors of [FromHeader].
var (
	ErrNone      = errors.New("no credential")
	ErrMalformed = errors.New("malformed credential")
)

// FromHeader finds the value that a request shows in its headers, whose names must
// be in canonical form. Accepted are (contract.md §7, 3):
//
//	Authorization: Bearer KEY              B-3, C-11
//	Authorization: Basic base64(":KEY")    T-4, T-11; the user empty
//	Authorization: Basic base64("KEY")     T-4; the user omitted
//	Authorization: KEY                     T-5
//	Authorization: base64(":KEY")          T-12, the bare value
//	X-Api-Key: KEY
//	X-Jicoo-Api-Key: KEY                   contract.md §6.1
//
// A request may show its key several times, but two keys that differ are
// [ErrMalformed], as is anything that cannot be a key.
func FromHeader(h textproto.MIMEHeader) (secret.Text, error) {
	var found string
	take := func(value string) error {
		if !Valid(value) || (found != "" && value != found) {
			return ErrMalformed
		}
		found = value
		return nil
	}
	for _, line := range h["Authorization"] {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := take(fromAuthorization(line)); err != nil {
			return secret.Text{}, err
		}
	}
	for _, name := range []string{"X-Api-Key", "X-Jicoo-Api-Key"} {
		for _, line := range h[name] {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if err := take(line); err != nil {
				return secret.Text{}, err
			}
		}
	}
	if found == "" {
		return secret.Text{}, ErrNone
	}
	return secret.New(found), nil
}

// fromAuthorization returns the key in a non-empty Authorization header, or "".
func fromAuthorization(line string) string {
	scheme, rest, spaced := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case spaced && strings.EqualFold(scheme, "Bearer"):
		return rest
	case spaced && strings.EqualFold(scheme, "Basic"):
		decoded, ok := decode(rest)
		if !ok {
			return ""
		}
		key := strings.TrimPrefix(decoded, ":")
		if strings.Contains(key, ":") { // a user besides the key: not one of ours
			return ""
		}
		return key
	case strings.EqualFold(line, "Bearer"), strings.EqualFold(line, "Basic"):
		return ""
	}
	if decoded, ok := decode(line); ok {
		if key, ok := strings.CutPrefix(decoded, ":"); ok && Valid(key) {
			return key
		}
	}
	return line // what has a space inside, such as another scheme, cannot be a key
}

// decode reads base64 with or without its padding.
func decode(s string) (string, bool) {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	return string(b), err == nil
}
