// Package module finds the folder that everything else is found from.
package module

import (
	"errors"
	"os"
	"path/filepath"
)

// Root returns the folder of go.mod: the working directory, or the nearest one
// above it. Tests run in the folder of their package.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no go.mod here or in a folder above: run this in a clone of the repository")
		}
		dir = parent
	}
}
