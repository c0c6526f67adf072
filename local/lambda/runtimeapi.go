package lambda

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// register gives an instance a part of the runtime API's address. The runtime calls
// http:// + AWS_LAMBDA_RUNTIME_API + /2018-06-01/…, so a path may follow the host.
func (s *Service) register(i *instance) (key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key = strconv.Itoa(len(s.instances))
	s.instances[key] = i
	return key
}

// caller returns the instance that calls the runtime API, or answers for it.
func (s *Service) caller(w http.ResponseWriter, r *http.Request) (i *instance, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok = s.instances[r.PathValue("instance")]; !ok {
		http.Error(w, "no such instance", http.StatusNotFound)
	}
	return i, ok
}

// runtimeAPI serves what a runtime calls.
func (s *Service) runtimeAPI() http.Handler {
	const base = "/{instance}/2018-06-01/runtime"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"/invocation/next", s.next)
	mux.HandleFunc("POST "+base+"/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, "") })
	mux.HandleFunc("POST "+base+"/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, "Handled") })
	mux.HandleFunc("POST "+base+"/init/error", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(s.log, "init error: %s\n", body)
		w.WriteHeader(http.StatusAccepted) // the process ends by itself
	})
	return mux
}

// next waits for an event of an instance.
func (s *Service) next(w http.ResponseWriter, r *http.Request) {
	i, ok := s.caller(w, r)
	if !ok {
		return
	}
	i.asks()
	select {
	case inv := <-i.next:
		i.takes(inv)
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", inv.arn)
		_, _ = w.Write(inv.payload)
	case <-r.Context().Done(): // the process has ended
	}
}

// answer passes on what an invocation came to.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, failure string) {
	i, ok := s.caller(w, r)
	if !ok {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "cannot read the answer", http.StatusBadRequest)
		return
	}
	inv, err := i.take(r.PathValue("id"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	inv.done <- Result{Payload: body, Error: failure}
	w.WriteHeader(http.StatusAccepted)
}

// NewRequestID returns a random UUID, as requests have for an id.
func NewRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
