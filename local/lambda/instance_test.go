package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"keyslot/local/lambda"
)

// pid asks for the process that works on an event.
func pid(t *testing.T, s *lambda.Service, event string) int {
	t.Helper()
	r := invoke(t, s, event)
	var text string
	if err := json.Unmarshal(r.Payload, &text); err != nil || r.Error != "" {
		t.Fatalf("%s: %q %s, %v", event, r.Error, r.Payload, err)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// The environment is Lambda's and the template's: nothing of this process is in it.
func TestEnvironment(t *testing.T) {
	t.Setenv("OF_THE_PARENT", "x")
	s, _ := start(t)
	var text string
	if err := json.Unmarshal(invoke(t, s, `{"do":"environ"}`).Payload, &text); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(text, "\n")
	for _, want := range []string{
		"GREETING=hello", "AWS_LAMBDA_FUNCTION_NAME=Odd", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128", "AWS_LAMBDA_LOG_FORMAT=Text", "AWS_REGION=us-east-1", "TZ=:UTC",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("the environment lacks %s", want)
		}
	}
	value := func(name string) string {
		for _, v := range got {
			if rest, ok := strings.CutPrefix(v, name+"="); ok {
				return rest
			}
		}
		return ""
	}
	if value("OF_THE_PARENT") != "" {
		t.Error("the environment has a variable of this process")
	}
	if !strings.HasPrefix(value("_X_AMZN_TRACE_ID"), "Root=1-") {
		t.Error("the event came without a trace id")
	}
	if root := value("LAMBDA_TASK_ROOT"); root == "" || root != value("folder") {
		t.Errorf("it runs in %q, not in its own folder %q", value("folder"), root)
	}
}

func TestPayloadsThatAreTooLong(t *testing.T) {
	s, _ := start(t)
	if _, err := s.Invoke(t.Context(), "Odd", make([]byte, 6<<20+1)); !errors.Is(err, lambda.ErrTooLarge) {
		t.Errorf("an event of more than 6 MB: %v", err)
	}
	if r := invoke(t, s, `{"do":"large"}`); r.Error == "" || !strings.Contains(string(r.Payload), "Function.ResponseSizeTooLarge") {
		t.Errorf("an answer of more than 6 MB: %q, %d bytes", r.Error, len(r.Payload))
	}
	pid(t, s, `{}`)
}

// Who no longer waits gets an error; the function goes on, and takes events after that.
func TestCallerGivesUp(t *testing.T) {
	s, _ := start(t)
	before := pid(t, s, `{}`)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Invoke(ctx, "Odd", []byte(`{"millis":300}`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want that the time is over", err)
	}
	time.Sleep(400 * time.Millisecond)
	if after := pid(t, s, `{}`); after != before {
		t.Error("the function did not go on")
	}
}

// Close leaves no process, whether it works or waits.
func TestClose(t *testing.T) {
	s, _ := start(t)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = s.Invoke(context.Background(), "Odd", []byte(`{"millis":800}`))
	}()
	time.Sleep(200 * time.Millisecond)
	waits := pid(t, s, `{}`) // a second process, for the first one works
	began := time.Now()
	s.Close()
	<-ended
	if took := time.Since(began); took > 400*time.Millisecond || !gone(waits) {
		t.Errorf("after %v, the process that waited is gone: %t", took, gone(waits))
	}
	if _, err := s.Invoke(t.Context(), "Odd", []byte(`{}`)); err == nil {
		t.Error("a service that is closed takes events")
	}
}
