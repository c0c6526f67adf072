package emulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"keyslot/local/process"
)

// Options say how an emulator runs. The zero Options are right for a test.
type Options struct {
	Host    string    // on which it listens; default 127.0.0.1
	DataDir string    // where it keeps its data; "" means in memory
	Log     io.Writer // its output; nil means nowhere
}

// An Emulator is a process that plays an AWS service.
type Emulator struct {
	URL     string
	process *process.Process
}

// Stop ends the emulator.
func (e *Emulator) Stop() { e.process.Stop() }

// StartDynamoDB starts dynoxide and waits until it answers.
func StartDynamoDB(ctx context.Context, o Options) (*Emulator, error) {
	program, err := dynoxide(ctx)
	if err != nil {
		return nil, err
	}
	return start(ctx, o, "DynamoDB", func(host, port string) (*exec.Cmd, error) {
		args := []string{"serve", "--host", host, "--port", port}
		if o.DataDir != "" {
			args = append(args, "--db-path", filepath.Join(o.DataDir, "dynamodb.sqlite"))
		}
		return exec.Command(program, args...), nil //nolint:gosec // installed by us; ended by Stop
	})
}

// StartSecretsManager starts ministack and waits until it answers. It keeps nothing:
// what has to last is CreateSecrets' matter.
func StartSecretsManager(ctx context.Context, o Options) (*Emulator, error) {
	python, err := ministack(ctx)
	if err != nil {
		return nil, err
	}
	return start(ctx, o, "Secrets Manager", func(host, port string) (*exec.Cmd, error) {
		cmd := exec.Command(python, "-m", "ministack")
		cmd.Env = []string{
			"BIND_HOST=" + host, "GATEWAY_PORT=" + port, "SERVICES=secretsmanager", "IOT_MTLS_ENABLED=0", "SFTP_ENABLED=0",
			"PYTHONUNBUFFERED=1", "PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"),
		}
		return cmd, nil
	})
}

const (
	startTimeout  = 30 * time.Second // until an emulator answers
	startAttempts = 3                // each on another port
)

// start runs the command of an emulator on a free port.
func start(ctx context.Context, o Options, name string, command func(host, port string) (*exec.Cmd, error)) (*Emulator, error) {
	host := o.Host
	if host == "" {
		host = "127.0.0.1"
	}
	if o.DataDir != "" {
		if err := os.MkdirAll(o.DataDir, 0o700); err != nil {
			return nil, err
		}
	}
	var err error
	for range startAttempts {
		var e *Emulator
		if e, err = try(ctx, o.Log, host, command); err == nil {
			return e, nil
		}
		if !errors.Is(err, errEnded) {
			break
		}
	}
	return nil, fmt.Errorf("emulator of %s: %w", name, err)
}

// errEnded means that an emulator ended before it was ready: another program may have
// taken its port.
var errEnded = errors.New("it ended at once")

// try runs the command of an emulator until it is ready.
func try(ctx context.Context, log io.Writer, host string, command func(host, port string) (*exec.Cmd, error)) (*Emulator, error) {
	port, err := freePort(ctx, host)
	if err != nil {
		return nil, err
	}
	cmd, err := command(host, port)
	if err != nil {
		return nil, err
	}
	url := "http://" + net.JoinHostPort(host, port)
	out := &output{log: log, want: url, seen: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = out, out
	p, err := process.Start(cmd)
	if err != nil {
		return nil, err
	}
	e := &Emulator{URL: url, process: p}
	if err := e.ready(ctx, out); err != nil {
		e.Stop()
		return nil, err
	}
	return e, nil
}

// freePort returns a port that was free a moment ago.
func freePort(ctx context.Context, host string) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}

// ready waits until the emulator says that it listens, and then until it answers. To
// ask alone would not do: on a port that another took, the other answers.
func (e *Emulator) ready(ctx context.Context, out *output) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	select {
	case <-out.seen:
	case <-e.process.Done():
		return fmt.Errorf("%w: %s", errEnded, out)
	case <-ctx.Done():
		return fmt.Errorf("it does not say that it listens: %w: %s", ctx.Err(), out)
	}
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, e.URL, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(r)
		if err == nil {
			return resp.Body.Close()
		}
		select {
		case <-e.process.Done():
			return fmt.Errorf("%w: %s", errEnded, out)
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
