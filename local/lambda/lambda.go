// Package lambda plays the part of AWS Lambda: it runs the binaries of functions, as
// they deploy, behind the runtime API (version 2018-06-01).
//
// An instance is one process, which works on one event at a time. A function gets a
// further instance when all of its instances are busy, up to a limit; then events
// wait. So requests that race in Lambda race here too.
package lambda

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"keyslot/local/account"
	"keyslot/local/process"
	"keyslot/local/template"
)

// MaxInstances is how many instances a function has at most.
const MaxInstances = 4

// A Result is what an invocation came to.
type Result struct {
	Payload []byte // the function's answer, or a description of its error
	// Error is "" for an answer. Otherwise it says what kind of error Payload has:
	// Handled by the function, or Unhandled.
	Error string
}

// A Service runs functions.
type Service struct {
	bin    string
	log    io.Writer
	listen net.Listener
	server *http.Server

	functions map[string]*function

	mu        sync.Mutex
	instances map[string]*instance // all that were ever started, by their part of the address
}

// A function is one function with its instances.
type function struct {
	template.Function
	idle chan *instance // instances that wait for an event
	room chan struct{}  // a token for each instance that may still start
}

// An instance is one process.
type instance struct {
	process *process.Process
	next    chan *invocation

	mu      sync.Mutex
	current *invocation // delivered, and not answered
	started bool        // has asked for an event
}

// An invocation is one event on its way.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	arn      string
	done     chan Result
	taken    bool // by the process; under the instance's lock
}

// Start serves the runtime API for the functions of a template, whose binaries are
// in bin. No process starts before its first event.
func Start(ctx context.Context, bin string, functions []template.Function, log io.Writer) (*Service, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Service{bin: bin, log: &lockedWriter{w: log}, listen: l, functions: map[string]*function{}, instances: map[string]*instance{}}
	for _, f := range functions {
		fn := &function{Function: f, idle: make(chan *instance, MaxInstances), room: make(chan struct{}, MaxInstances)}
		for range MaxInstances {
			fn.room <- struct{}{}
		}
		s.functions[f.ID] = fn
	}
	s.server = &http.Server{Handler: s.runtimeAPI(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(l) }() // ends with Close
	return s, nil
}

// Close ends all processes, whatever they work on.
func (s *Service) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.instances {
		if i.process != nil {
			i.process.Kill()
		}
	}
	_ = s.server.Close()
}

// Invoke hands an event to a function and waits for what it comes to. The error
// says that the function could not be invoked at all.
func (s *Service) Invoke(ctx context.Context, id string, payload []byte) (Result, error) {
	f, ok := s.functions[id]
	if !ok {
		return Result{}, fmt.Errorf("there is no function %s", id)
	}
	for {
		i, err := s.instance(ctx, f)
		if err != nil {
			return Result{}, fmt.Errorf("start %s: %w", id, err)
		}
		inv := &invocation{
			id: NewRequestID(), payload: payload, deadline: time.Now().Add(f.Timeout),
			arn: account.ARN("lambda", "function:"+id), done: make(chan Result, 1),
		}
		i.deliver(inv)
		select {
		case r := <-inv.done:
			f.idle <- i
			return r, nil
		case <-i.process.Done():
			f.room <- struct{}{}
			if i.endedIdle(inv) { // after a panic in the event before: this one was never taken
				continue
			}
			return failed("Runtime.ExitError", "the process ended: "+fmt.Sprint(i.process.Err())), nil
		case <-time.After(f.Timeout):
			i.process.Kill()
			f.room <- struct{}{}
			return failed("Sandbox.Timedout", fmt.Sprintf("timed out after %v", f.Timeout)), nil
		case <-ctx.Done():
			i.process.Kill()
			f.room <- struct{}{}
			return Result{}, ctx.Err()
		}
	}
}

func failed(kind, message string) Result {
	return Result{Payload: fmt.Appendf(nil, `{"errorType":%q,"errorMessage":%q}`, kind, message), Error: "Unhandled"}
}

// instance returns an instance that is idle: one that waits, a new one, or, at the
// limit, the first that becomes idle.
func (s *Service) instance(ctx context.Context, f *function) (*instance, error) {
	select {
	case i := <-f.idle:
		return i, nil
	default:
	}
	select {
	case i := <-f.idle:
		return i, nil
	case <-f.room:
		i, err := s.start(f)
		if err != nil {
			f.room <- struct{}{}
		}
		return i, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// start starts the process of a new instance.
func (s *Service) start(f *function) (*instance, error) {
	i := &instance{next: make(chan *invocation, 1)}
	key := s.register(i)
	cmd := exec.Command(filepath.Join(s.bin, f.ID)) //nolint:gosec // built by us; ended by Close
	cmd.Env = s.environment(f.Function, key)
	out := &prefixWriter{prefix: f.ID + " ", w: s.log}
	cmd.Stdout, cmd.Stderr = out, out
	p, err := process.Start(cmd)
	if err != nil {
		return nil, err
	}
	i.process = p
	return i, nil
}

// environment is that of a function in Lambda: the template's variables and Lambda's
// own, and nothing of this process.
func (s *Service) environment(f template.Function, key string) []string {
	env := []string{
		"AWS_LAMBDA_RUNTIME_API=" + s.listen.Addr().String() + "/" + key,
		"AWS_LAMBDA_FUNCTION_NAME=" + f.ID,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(f.MemorySize),
		"AWS_LAMBDA_LOG_GROUP_NAME=local",
		"AWS_LAMBDA_LOG_STREAM_NAME=" + key,
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_REGION=" + account.Region,
		"AWS_DEFAULT_REGION=" + account.Region,
		"AWS_ACCESS_KEY_ID=" + f.ID, // by which package iam knows who calls
		"AWS_SECRET_ACCESS_KEY=" + account.SecretAccessKey,
		"AWS_SESSION_TOKEN=" + account.SessionToken,
		"_HANDLER=" + f.Handler,
		"LANG=en_US.UTF-8",
		"TZ=:UTC",
		"PATH=/usr/local/bin:/usr/bin:/bin",
	}
	for name, value := range f.Environment {
		env = append(env, name+"="+value)
	}
	sort.Strings(env)
	return env
}

func (i *instance) deliver(inv *invocation) {
	i.mu.Lock()
	i.current = inv
	i.mu.Unlock()
	i.next <- inv
}

// asks notes that the process waits for an event; takes, that it has got one.
func (i *instance) asks() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.started = true
}

func (i *instance) takes(inv *invocation) {
	i.mu.Lock()
	defer i.mu.Unlock()
	inv.taken = true
}

// endedIdle reports whether the process, once it had started well, ended before it
// took the event.
func (i *instance) endedIdle(inv *invocation) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.started && !inv.taken
}

// take returns the invocation with the given id, if the instance works on it.
func (i *instance) take(id string) (*invocation, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.current == nil || i.current.id != id {
		return nil, errors.New("no such request")
	}
	inv := i.current
	i.current = nil
	return inv, nil
}

// A lockedWriter lets several processes write whole lines.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// A prefixWriter puts a prefix before each line.
type prefixWriter struct {
	prefix string
	w      io.Writer
	rest   []byte
}

func (p *prefixWriter) Write(b []byte) (int, error) {
	p.rest = append(p.rest, b...)
	for {
		end := bytes.IndexByte(p.rest, '\n')
		if end < 0 {
			return len(b), nil
		}
		line := strings.Join([]string{p.prefix, string(p.rest[:end+1])}, "")
		p.rest = p.rest[end+1:]
		if _, err := io.WriteString(p.w, line); err != nil {
			return 0, err
		}
	}
}
