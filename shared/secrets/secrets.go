// Package secrets reads Secrets Manager through a cache.
package secrets

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"keyslot/shared/awsclient"
	"keyslot/shared/pepper"
	"keyslot/shared/secret"
)

// CacheTime is how long a ring is used before it is read anew. A rotation activates
// a version only after twice this time.
const CacheTime = 5 * time.Minute

// Peppers is the pepper ring in Secrets Manager. It may be used by many goroutines.
type Peppers struct {
	client *secretsmanager.Client
	id     string

	mu      sync.Mutex
	ring    pepper.Ring
	fetched time.Time
}

// OpenPeppers returns the ring of the secret that PEPPER_SECRET names.
func OpenPeppers() *Peppers {
	return &Peppers{client: awsclient.SecretsManager(), id: os.Getenv("PEPPER_SECRET")}
}

// Ring returns the ring, at most CacheTime old. If it cannot be read anew, an older
// one serves: an outage of the secret store must not refuse a valid key.
func (p *Peppers) Ring(ctx context.Context) (pepper.Ring, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.fetched) < CacheTime {
		return p.ring, nil
	}
	err := p.fetch(ctx)
	if err != nil && p.fetched.IsZero() {
		return pepper.Ring{}, err
	}
	return p.ring, nil
}

// Refresh reads the ring anew, whatever its age.
func (p *Peppers) Refresh(ctx context.Context) (pepper.Ring, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.fetch(ctx); err != nil {
		return pepper.Ring{}, err
	}
	return p.ring, nil
}

func (p *Peppers) fetch(ctx context.Context) error {
	out, err := p.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &p.id})
	if err != nil {
		return fmt.Errorf("read pepper ring: %w", err)
	}
	ring, err := pepper.Parse(secret.New(aws.ToString(out.SecretString)))
	if err != nil {
		return err
	}
	p.ring, p.fetched = ring, time.Now()
	return nil
}
