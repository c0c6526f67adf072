// Package emulator starts the emulators of DynamoDB and Secrets Manager, and makes
// the template's tables and secrets in them. It installs what is missing into .tools.
package emulator

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"keyslot/local/flock"
	"keyslot/local/module"
	"keyslot/local/process"
)

// The emulators, pinned: later ones have to be tried first (design.md §7).
const (
	dynoxideVersion  = "1.2.1"
	ministackVersion = "1.5.33"
)

// dynoxide returns the path of the DynamoDB emulator. Its npm package for this
// platform is the binary; the umbrella package is not in the registry.
func dynoxide(ctx context.Context) (string, error) {
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	pkg := "@dynoxide/" + runtime.GOOS + "-" + arch
	return install(ctx, "dynoxide-"+dynoxideVersion, filepath.Join("node_modules", pkg, "dynoxide"), func(dir string) []*exec.Cmd {
		return []*exec.Cmd{
			exec.CommandContext(ctx, "npm", "install", "--prefix", dir, "--no-save", "--silent", pkg+"@"+dynoxideVersion), //nolint:gosec // constants
		}
	})
}

// ministack returns the path of a Python that has the Secrets Manager emulator as a
// module. Its script would not do: it names its folder, which may be moved.
func ministack(ctx context.Context) (string, error) {
	return install(ctx, "ministack-"+ministackVersion, filepath.Join("bin", "python"), func(dir string) []*exec.Cmd {
		return []*exec.Cmd{
			exec.CommandContext(ctx, "python3", "-m", "venv", dir), //nolint:gosec // a folder of our own
			exec.CommandContext(ctx, filepath.Join(dir, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", "ministack=="+ministackVersion), //nolint:gosec // a folder of our own
		}
	})
}

// install returns the path of a program in .tools/name. If it is not there, commands
// put it there. Of several processes that want it at the same time, one does the work.
func install(ctx context.Context, name, program string, commands func(dir string) []*exec.Cmd) (string, error) {
	root, err := module.Root()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, ".tools", name)
	path, done := filepath.Join(dir, program), filepath.Join(dir, ".installed")
	if _, err := os.Stat(done); err == nil {
		return path, nil
	}
	unlock, err := flock.Lock(ctx, dir+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(done); err == nil {
		return path, nil
	}
	if err := os.RemoveAll(dir); err != nil { // what an interrupted install left
		return "", err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	for _, cmd := range commands(dir) {
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := process.Run(ctx, cmd); err != nil {
			return "", fmt.Errorf("install %s: %w", name, err)
		}
	}
	return path, os.WriteFile(done, nil, 0o600)
}
