// Package backoff spreads out those who try again.
package backoff

import (
	"context"
	"math/rand/v2"
	"time"
)

// Sleep waits for a random time below most ("full jitter"), or until ctx ends, whose
// error it then returns.
func Sleep(ctx context.Context, most time.Duration) error {
	select {
	case <-time.After(rand.N(most)): //nolint:gosec // jitter needs no secrecy
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
