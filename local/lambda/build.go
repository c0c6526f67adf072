package lambda

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"keyslot/local/process"
)

// A Program is a function and the folder of its command.
type Program struct{ ID, Folder string }

// Build compiles functions for this machine, with the flags of `sam build`, into
// bin/<id>. What is up to date is quick.
func Build(ctx context.Context, root, bin string, programs []Program) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2) // each uses several processors
	for _, p := range programs {
		g.Go(func() error {
			var out bytes.Buffer
			cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags=lambda.norpc", "-ldflags=-s", //nolint:gosec // our own folders; ended by process.Run
				"-o", filepath.Join(bin, p.ID), "./"+p.Folder)
			cmd.Dir = root
			cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=") // not those of the tests
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := process.Run(ctx, cmd); err != nil {
				return fmt.Errorf("build %s: %w\n%s", p.Folder, err, out.Bytes())
			}
			return nil
		})
	}
	return g.Wait()
}
