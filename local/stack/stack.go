// Package stack puts the local stack together: emulators, functions and gateway, all
// as template.yaml says.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"keyslot/local/emulator"
	"keyslot/local/flock"
	"keyslot/local/gateway"
	"keyslot/local/iam"
	"keyslot/local/lambda"
	"keyslot/local/module"
	"keyslot/local/template"
)

// Options say how a stack runs. The zero Options run it in memory, on a free port.
type Options struct {
	Port    int       // of the API, on 127.0.0.1; 0 means any
	DataDir string    // where the data are kept; "" means in memory
	Host    string    // on which the emulators listen; "" means 127.0.0.1
	Log     io.Writer // what functions and the gateway print; nil means nowhere
	// Progress is told what takes its time; nil means nobody is.
	Progress func(string)
}

// A Stack is a running one.
type Stack struct {
	URL            string `json:"url"`
	DynamoDB       string `json:"dynamodb"`       // endpoint
	SecretsManager string `json:"secretsmanager"` // endpoint
	Demo           Demo   `json:"demo"`

	functions *lambda.Service
	stops     []func() // in the order of the starts
}

// Start starts a stack with the demo organization in it. If it fails, or ctx ends,
// nothing of it stays.
func Start(ctx context.Context, o Options) (*Stack, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	s := &Stack{}
	if err := s.start(ctx, o); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context, o Options) error {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port))) // first of all: nothing else has started
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d is in use: choose another with PORT", o.Port)
	}
	if err != nil {
		return err
	}
	s.stops = append(s.stops, func() { _ = listener.Close() })
	if err := prerequisites(ctx); err != nil {
		return err
	}
	if o.DataDir != "" {
		unlock, err := flock.TryLock(filepath.Join(o.DataDir, "lock"))
		if err != nil {
			return fmt.Errorf("DATA_DIR %s: %w", o.DataDir, err)
		}
		s.stops = append(s.stops, unlock)
	}
	root, err := module.Root()
	if err != nil {
		return err
	}
	file := filepath.Join(root, "template.yaml")
	t, err := template.Load(file, nil)
	if err != nil {
		return err
	}

	// The emulators start while the functions are built.
	bin := filepath.Join(root, ".local", "bin")
	both, bothCtx := errgroup.WithContext(ctx)
	both.Go(func() error {
		o.Progress("building the functions")
		var programs []lambda.Program
		for _, f := range t.Functions {
			programs = append(programs, lambda.Program{ID: f.ID, Folder: f.CodeURI})
		}
		return lambda.Build(bothCtx, root, bin, programs)
	})
	both.Go(func() error { return s.startEmulators(bothCtx, o, t) })
	if err := both.Wait(); err != nil {
		return err
	}

	// Functions reach the emulators through their roles.
	parameters := map[string]string{}
	for name, url := range map[string]string{"DynamoDBEndpoint": s.DynamoDB, "SecretsManagerEndpoint": s.SecretsManager} {
		guard, err := iam.Guard(url, t.Functions)
		if err != nil {
			return err
		}
		guarded, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		s.serve(guarded, guard)
		parameters[name] = "http://" + guarded.Addr().String()
	}
	if t, err = template.Load(file, parameters); err != nil {
		return err
	}
	s.functions, err = lambda.Start(ctx, bin, t.Functions, o.Log)
	if err != nil {
		return err
	}
	s.stops = append(s.stops, s.functions.Close)
	s.serve(listener, gateway.New(t, s.functions.Invoke, o.Log))
	s.URL = "http://localhost:" + strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	return s.seed(ctx, o.DataDir)
}

// serve serves until the stack is closed.
func (s *Stack) serve(l net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with Close
	s.stops = append(s.stops, func() { _ = server.Close() })
}

func (s *Stack) startEmulators(ctx context.Context, o Options, t *template.Template) error {
	o.Progress("starting the emulators")
	options := emulator.Options{Host: o.Host, DataDir: o.DataDir}
	dynamoDB, err := emulator.StartDynamoDB(ctx, options)
	if err != nil {
		return err
	}
	s.DynamoDB, s.stops = dynamoDB.URL, append(s.stops, dynamoDB.Stop)
	secretsManager, err := emulator.StartSecretsManager(ctx, options)
	if err != nil {
		return err
	}
	s.SecretsManager, s.stops = secretsManager.URL, append(s.stops, secretsManager.Stop)
	if err := emulator.CreateTables(ctx, dynamoDB.URL, t.Tables); err != nil {
		return err
	}
	return emulator.CreateSecrets(ctx, secretsManager.URL, o.DataDir, t.Secrets)
}

// Invoke hands an event to a function of the stack.
func (s *Stack) Invoke(ctx context.Context, function string, payload []byte) (lambda.Result, error) {
	return s.functions.Invoke(ctx, function, payload)
}

// Close ends all that the stack started, the last first.
func (s *Stack) Close() {
	for i := len(s.stops) - 1; i >= 0; i-- {
		s.stops[i]()
	}
	s.stops = nil
}

// prerequisites returns an error that names the first program that is missing.
func prerequisites(ctx context.Context) error {
	for _, p := range []struct{ name, why string }{
		{"go", "it builds the functions"},
		{"npm", "the emulator of DynamoDB comes from it"},
		{"python3", "the emulator of Secrets Manager needs it"},
	} {
		if _, err := exec.LookPath(p.name); err != nil {
			return fmt.Errorf("%s is not installed: %s", p.name, p.why)
		}
	}
	if err := exec.CommandContext(ctx, "python3", "-c", "import venv, ensurepip").Run(); err != nil {
		return errors.New("python3 has no module venv (package python3-venv): the emulator of Secrets Manager is installed with it")
	}
	return nil
}
