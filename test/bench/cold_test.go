// Package bench measures what a deployment feels: binaries and cold starts.
package bench

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// buildFlags are those of `make build`.
var buildFlags = []string{"build", "-trimpath", "-tags=lambda.norpc", "-buildvcs=false", "-ldflags=-s -w"}

func build(b *testing.B, folder string) (path string, size int64) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "bootstrap")
	cmd := exec.CommandContext(b.Context(), "go", append(buildFlags, "-o", path, "keyslot/"+folder)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build %s: %v\n%s", folder, err, out)
	}
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	return path, info.Size()
}

// BenchmarkColdStart starts functions as Lambda does: a fresh process each time, from
// its start to its first request for work, with stores that answer at once. It
// reports the CPU time of the process (median, and the least, which other work on the
// machine disturbs least), the wall time (median), and the binary's size.
func BenchmarkColdStart(b *testing.B) {
	for _, folder := range []string{"authorizer", "functions/bookings/create", "functions/me/get"} {
		b.Run(folder, func(b *testing.B) {
			binary, size := build(b, folder)
			var cpu, wall []time.Duration
			for b.Loop() {
				c, w := coldStart(b, binary)
				cpu, wall = append(cpu, c), append(wall, w)
			}
			slices.Sort(cpu)
			slices.Sort(wall)
			b.ReportMetric(float64(cpu[0].Microseconds())/1000, "least-cpu-ms/start")
			b.ReportMetric(float64(cpu[len(cpu)/2].Microseconds())/1000, "cpu-ms/start")
			b.ReportMetric(float64(wall[len(wall)/2].Microseconds())/1000, "wall-ms/start")
			b.ReportMetric(float64(size)/1e6, "MB")
		})
	}
}

// coldStart runs a binary until it asks for its first event.
func coldStart(b *testing.B, binary string) (cpu, wall time.Duration) {
	ready := make(chan time.Time, 1)
	runtime := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/invocation/next") {
			b.Errorf("the runtime was asked for %s", r.URL.Path)
		}
		ready <- time.Now()
		<-r.Context().Done() // there is no event: the process waits until it is killed
	}))
	defer runtime.Close()
	stores := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetSecretValue") {
			_, _ = fmt.Fprintf(w, `{"SecretString":"{\"seed\":\"%s\"}"}`, strings.Repeat("s", 64))
			return
		}
		_, _ = io.WriteString(w, `{}`)
	}))
	defer stores.Close()

	address := runtime.Listener.Addr().(*net.TCPAddr).String()
	cmd := exec.CommandContext(b.Context(), binary)
	cmd.Stderr = os.Stderr
	cmd.Env = []string{
		"AWS_LAMBDA_RUNTIME_API=" + address, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b",
		"AWS_ENDPOINT_URL_DYNAMODB=" + stores.URL, "AWS_ENDPOINT_URL_SECRETS_MANAGER=" + stores.URL,
		"GOMAXPROCS=1", "SCHEDULING_TABLE=s", "CREDENTIALS_TABLE=c", "PEPPER_SECRET=p",
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	select {
	case at := <-ready:
		wall = at.Sub(start)
	case <-time.After(10 * time.Second):
		b.Error("the process never asked for an event")
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // killed
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall
}
