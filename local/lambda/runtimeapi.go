package lambda

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// runtimeAPI serves what a runtime calls.
func (s *Service) runtimeAPI() http.Handler {
	const base = "/{function}/{instance}/2018-06-01/runtime"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"/invocation/next", s.next)
	mux.HandleFunc("POST "+base+"/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, "") })
	mux.HandleFunc("POST "+base+"/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, "Handled") })
	mux.HandleFunc("POST "+base+"/init/error", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(s.log, "%s init error: %s\n", r.PathValue("function"), body)
		w.WriteHeader(http.StatusAccepted) // the process ends by itself
	})
	return mux
}

// caller returns the instance that calls the runtime API, or answers for it.
func (s *Service) caller(w http.ResponseWriter, r *http.Request) (i *instance, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok = s.instances[r.PathValue("function")+"/"+r.PathValue("instance")]; !ok {
		http.Error(w, "no such instance", http.StatusNotFound)
	}
	return i, ok
}

// next waits for an event of an instance.
func (s *Service) next(w http.ResponseWriter, r *http.Request) {
	i, ok := s.caller(w, r)
	if !ok {
		return
	}
	select {
	case inv := <-i.next:
		i.mu.Lock()
		i.current = inv
		i.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(inv.timeout).UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", inv.arn)
		h.Set("Lambda-Runtime-Trace-Id", inv.trace)
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
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	if err != nil && !tooLarge {
		http.Error(w, "cannot read the answer", http.StatusBadRequest)
		return
	}
	inv, err := i.take(r.PathValue("id"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if tooLarge {
		inv.done <- failed("Function.ResponseSizeTooLarge", fmt.Sprintf("the answer is longer than %d bytes", maxPayload))
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	inv.done <- Result{Payload: body, Error: failure}
	w.WriteHeader(http.StatusAccepted)
}
