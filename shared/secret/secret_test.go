package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"keyslot/shared/secret"
)

func TestTextNeverShows(t *testing.T) {
	const value = "sk_live_hunter2"
	s := secret.New(value)
	nested := struct{ Key secret.Text }{s}

	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.InfoContext(t.Context(), "created", "key", s, "nested", nested)
	js, err := json.Marshal(nested)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{"log": log.String(), "json": string(js)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown[verb] = fmt.Sprintf(verb, s)
		shown["nested "+verb] = fmt.Sprintf(verb, nested)
	}
	for how, text := range shown {
		if strings.Contains(text, "hunter2") || strings.Contains(text, fmt.Sprintf("%x", "hunter2")) {
			t.Errorf("%s shows the secret: %s", how, text)
		}
	}
	if got := s.Reveal(); got != value {
		t.Errorf("Reveal() = %q, want %q", got, value)
	}
}
