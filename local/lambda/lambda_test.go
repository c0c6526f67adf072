package lambda_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"keyslot/local/lambda"
	"keyslot/local/module"
	"keyslot/local/template"
)

// start runs testdata/odd as the function Odd, with a timeout of a second.
func start(t *testing.T) (*lambda.Service, *log) {
	t.Helper()
	root, err := module.Root()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := lambda.Build(t.Context(), root, bin, []lambda.Program{{ID: "Odd", Folder: "local/lambda/testdata/odd"}}); err != nil {
		t.Fatal(err)
	}
	l := &log{}
	s, err := lambda.Start(t.Context(), bin, []template.Function{{
		ID: "Odd", Timeout: time.Second, MemorySize: 128, Environment: map[string]string{"GREETING": "hello"},
	}}, l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, l
}

type log struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func invoke(t *testing.T, s *lambda.Service, event string) lambda.Result {
	t.Helper()
	r, err := s.Invoke(t.Context(), "Odd", []byte(event))
	if err != nil {
		t.Errorf("invoke %s: %v", event, err)
	}
	return r
}

func TestInvoke(t *testing.T) {
	s, l := start(t)
	first := invoke(t, s, `{}`)
	if again := invoke(t, s, `{}`); string(again.Payload) != string(first.Payload) || first.Error != "" {
		t.Errorf("processes %s and %s, want one for calls that do not meet", first.Payload, again.Payload)
	}
	if got := l.String(); !strings.HasPrefix(got, "Odd working\n") {
		t.Errorf("log %q lacks the function's name", got)
	}
	if got := invoke(t, s, `{"do":"env"}`); string(got.Payload) != `"hello"` {
		t.Errorf("environment %s: the template's variables, and none of this process", got.Payload)
	}
	if got := invoke(t, s, `{"do":"fail"}`); got.Error != "Handled" || !strings.Contains(string(got.Payload), `"errorMessage":"it failed"`) {
		t.Errorf("a function's error: %+v %s", got, got.Payload)
	}
	if got := invoke(t, s, `{"do":"exit"}`); got.Error != "Unhandled" || !strings.Contains(string(got.Payload), "Runtime.ExitError") {
		t.Errorf("a process that ends: %+v %s", got, got.Payload)
	}
	for range 3 { // a panic ends the process, and costs no other event
		if got := invoke(t, s, `{"do":"panic"}`); got.Error == "" || !strings.Contains(string(got.Payload), "out of order") {
			t.Errorf("a panic: %+v %s", got, got.Payload)
		}
		if got := invoke(t, s, `{}`); got.Error != "" {
			t.Errorf("the event after a panic: %+v %s", got, got.Payload)
		}
	}
	if got := invoke(t, s, `{"millis":5000}`); got.Error != "Unhandled" || !strings.Contains(string(got.Payload), "Timedout") {
		t.Errorf("a process that takes too long: %+v %s", got, got.Payload)
	}
	if after := invoke(t, s, `{}`); after.Error != "" || string(after.Payload) == string(first.Payload) {
		t.Errorf("after it was ended: %s, want an answer of a new process", after.Payload)
	}
	if _, err := s.Invoke(t.Context(), "Even", nil); err == nil {
		t.Error("a function that there is not could be invoked")
	}
}

func TestInstances(t *testing.T) {
	s, _ := start(t)
	var mu sync.Mutex
	processes := map[string]bool{}
	var all sync.WaitGroup
	for range 3 * lambda.MaxInstances {
		all.Go(func() {
			got := invoke(t, s, `{"millis":50}`)
			mu.Lock()
			defer mu.Unlock()
			if got.Error != "" {
				t.Errorf("%+v %s", got, got.Payload)
			}
			processes[string(got.Payload)] = true
		})
	}
	all.Wait()
	if len(processes) < 2 || len(processes) > lambda.MaxInstances {
		t.Errorf("%d processes for calls that meet, want more than one and at most %s", len(processes), fmt.Sprint(lambda.MaxInstances))
	}
}
