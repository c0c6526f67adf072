// Package e2e_test calls the API over HTTP, as its users do: the stack of `make run`,
// which it starts, or, where KEYSLOT_URL names one, an API elsewhere (under SAM, or
// deployed). KEYSLOT_DEMO then names the file with that one's ids and keys.
package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"keyslot/local/stack"
)

// target is the API under test.
var target struct {
	stack.Demo
	URL string
	Log string // the file with its log; "" if that is out of reach
}

func TestMain(m *testing.M) {
	stop, err := setUp(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

func setUp(ctx context.Context) (stop func(), err error) {
	if target.URL = os.Getenv("KEYSLOT_URL"); target.URL != "" {
		js, err := os.ReadFile(os.Getenv("KEYSLOT_DEMO"))
		if err != nil {
			return nil, fmt.Errorf("KEYSLOT_DEMO: %w", err)
		}
		var s stack.Stack
		err = json.Unmarshal(js, &s)
		target.Demo = s.Demo
		return func() {}, err
	}
	log, err := os.CreateTemp("", "keyslot-e2e-*.log")
	if err != nil {
		return nil, err
	}
	s, err := stack.Start(ctx, stack.Options{Log: log})
	if err != nil {
		return nil, fmt.Errorf("%w (log: %s)", err, log.Name())
	}
	target.URL, target.Demo, target.Log = s.URL, s.Demo, log.Name()
	return func() {
		s.Close()
		_ = log.Close()
		_ = os.Remove(log.Name())
	}, nil
}
