// Package lambda plays the part of AWS Lambda: it runs the binaries of functions, as
// they deploy, behind the runtime API (version 2018-06-01).
//
// An instance is one process, which works on one event at a time. A function gets a
// further instance when all of its instances are busy, up to a limit; then events
// wait. So requests that race in Lambda race here too.
package lambda

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"keyslot/local/account"
	"keyslot/local/template"
)

// MaxInstances is how many instances a function has at most.
const MaxInstances = 4

// maxPayload is how long an event and an answer may be, in bytes.
const maxPayload = 6 << 20

// ErrTooLarge means that Lambda does not take an event of that length.
var ErrTooLarge = errors.New("the event is longer than 6 MB")

// A Result is what an invocation came to.
type Result struct {
	Payload []byte // the function's answer, or a description of its error
	// Error is "" for an answer. Otherwise it says what kind of error Payload has:
	// Handled by the function, or Unhandled.
	Error string
}

// A Service runs functions.
type Service struct {
	bin       string
	log       io.Writer
	listen    net.Listener
	server    *http.Server
	functions map[string]*function

	mu        sync.Mutex
	closed    bool
	instances map[string]*instance // those whose process runs, by their part of the address
}

// A function is one function with the instances that wait for an event.
type function struct {
	template.Function
	busy chan struct{} // has a token for each event that is worked on

	mu   sync.Mutex
	idle []*instance
}

// An invocation is one event on its way.
type invocation struct {
	id      string
	trace   string
	arn     string
	payload []byte
	timeout time.Duration
	done    chan Result // has room for the result: nobody needs to wait for it
}

// Start serves the runtime API for the functions of a template, whose binaries are
// in the folder bin. No process starts before its first event.
func Start(ctx context.Context, bin string, functions []template.Function, log io.Writer) (*Service, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Service{
		bin: bin, log: &lockedWriter{w: log}, listen: l,
		functions: map[string]*function{}, instances: map[string]*instance{},
	}
	for _, f := range functions {
		s.functions[f.ID] = &function{Function: f, busy: make(chan struct{}, MaxInstances)}
	}
	s.server = &http.Server{Handler: s.runtimeAPI(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(l) }() // ends with Close
	return s, nil
}

// Close ends all processes, whatever they work on.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	var all sync.WaitGroup
	for _, i := range s.instances {
		all.Go(i.process.Kill)
	}
	s.mu.Unlock()
	all.Wait()
	_ = s.server.Close()
}

// Invoke hands an event to a function and waits for what it comes to. The error says
// that the function could not be invoked at all, or that ctx has ended: the function
// then goes on without anyone who waits.
func (s *Service) Invoke(ctx context.Context, id string, payload []byte) (Result, error) {
	f, ok := s.functions[id]
	if !ok {
		return Result{}, fmt.Errorf("there is no function %s", id)
	}
	if len(payload) > maxPayload {
		return Result{}, ErrTooLarge
	}
	select {
	case f.busy <- struct{}{}:
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
	type outcome struct {
		result Result
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		result, err := s.run(f, payload)
		<-f.busy
		done <- outcome{result, err}
	}()
	select {
	case o := <-done:
		return o.result, o.err
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
}

// run has an instance of f work on an event.
func (s *Service) run(f *function, payload []byte) (Result, error) {
	inv := &invocation{
		id:      NewRequestID(),
		trace:   fmt.Sprintf("Root=1-%08x-%s;Sampled=0", time.Now().Unix(), randomHex(12)),
		arn:     account.ARN("lambda", "function:"+f.ID),
		payload: payload,
		timeout: f.Timeout,
		done:    make(chan Result, 1),
	}
	for i := f.waiting(); i != nil; i = f.waiting() {
		result, err := i.work(inv)
		if errors.Is(err, errEnded) {
			continue // it ended while it waited, or by what it did before
		}
		f.release(i)
		return result, err
	}
	i, err := s.start(f)
	if err != nil {
		return Result{}, fmt.Errorf("start %s: %w", f.ID, err)
	}
	result, err := i.work(inv)
	if errors.Is(err, errEnded) {
		return i.exited(), nil
	}
	f.release(i)
	return result, err
}

// waiting takes an instance that waits for an event; nil if there is none.
func (f *function) waiting() *instance {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.idle) == 0 {
		return nil
	}
	last := len(f.idle) - 1
	i := f.idle[last]
	f.idle = f.idle[:last]
	return i
}

// release lets an instance wait for the next event.
func (f *function) release(i *instance) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.idle = append(f.idle, i)
}

// NewRequestID returns a random UUID, as requests have for an id.
func NewRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// randomHex returns n random bytes in hexadecimal.
func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return fmt.Sprintf("%x", b)
}
