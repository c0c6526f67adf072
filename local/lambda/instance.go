package lambda

import (
	"cmp"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"sync"
	"time"

	"keyslot/local/account"
	"keyslot/local/process"
)

// initTimeout is how long a process may take until it asks for its first event.
const initTimeout = 10 * time.Second

// An instance is one process.
type instance struct {
	process *process.Process
	next    chan *invocation

	mu      sync.Mutex
	current *invocation // what the process works on
}

// errEnded means that an instance took no event, for its process has ended.
var errEnded = errors.New("the process has ended")

// work hands an event to an instance and waits for the result.
func (i *instance) work(inv *invocation) (Result, error) {
	select {
	case i.next <- inv:
	case <-i.process.Done():
		return Result{}, errEnded
	case <-time.After(initTimeout):
		i.process.Kill()
		return failed("Sandbox.Timedout", fmt.Sprintf("did not ask for an event within %v", initTimeout)), nil
	}
	select {
	case r := <-inv.done:
		return r, nil
	case <-i.process.Done():
		select {
		case r := <-inv.done: // the last that it did
			return r, nil
		default:
			return i.exited(), nil
		}
	case <-time.After(inv.timeout):
		i.process.Kill()
		return failed("Sandbox.Timedout", fmt.Sprintf("timed out after %v", inv.timeout)), nil
	}
}

// exited is the result of an event whose process has ended.
func (i *instance) exited() Result {
	how := "exit status 0"
	if err := i.process.Err(); err != nil {
		how = err.Error()
	}
	return failed("Runtime.ExitError", "the process ended: "+how)
}

func failed(kind, message string) Result {
	return Result{Payload: fmt.Appendf(nil, `{"errorType":%q,"errorMessage":%q}`, kind, message), Error: "Unhandled"}
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

// start starts the process of a new instance.
func (s *Service) start(f *function) (*instance, error) {
	// The runtime calls http:// + AWS_LAMBDA_RUNTIME_API + /2018-06-01/…, so a path may
	// follow the host. Its second part cannot be guessed: events hold keys, and other
	// programs on this machine may call the address too.
	key := f.ID + "/" + randomHex(16)
	cmd := exec.Command(filepath.Join(s.bin, f.ID)) //nolint:gosec // built by us; ended by Close
	cmd.Dir = s.bin
	cmd.Env = s.environment(f, key)
	out := &prefixWriter{prefix: f.ID + " ", w: s.log}
	cmd.Stdout, cmd.Stderr = out, out

	s.mu.Lock() // the process may call before it is known
	defer s.mu.Unlock()
	if s.closed {
		return nil, errors.New("the service is closed")
	}
	p, err := process.Start(cmd)
	if err != nil {
		return nil, err
	}
	i := &instance{process: p, next: make(chan *invocation)}
	s.instances[key] = i
	go func() {
		<-p.Done()
		out.flush()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.instances, key)
	}()
	return i, nil
}

// environment is that of a function in Lambda: the template's variables and Lambda's
// own, and nothing of this process.
func (s *Service) environment(f *function, key string) []string {
	env := []string{
		"AWS_LAMBDA_RUNTIME_API=" + s.listen.Addr().String() + "/" + key,
		"AWS_LAMBDA_FUNCTION_NAME=" + f.ID,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(f.MemorySize),
		"AWS_LAMBDA_LOG_FORMAT=" + cmp.Or(f.LogFormat, "Text"),
		"AWS_LAMBDA_LOG_GROUP_NAME=local",
		"AWS_LAMBDA_LOG_STREAM_NAME=" + f.ID,
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_REGION=" + account.Region,
		"AWS_DEFAULT_REGION=" + account.Region,
		"AWS_ACCESS_KEY_ID=" + f.ID, // by which package iam knows who calls
		"AWS_SECRET_ACCESS_KEY=" + account.SecretAccessKey,
		"AWS_SESSION_TOKEN=" + account.SessionToken,
		"_HANDLER=" + f.Handler,
		"LAMBDA_TASK_ROOT=" + s.bin,
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
