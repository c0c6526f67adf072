// Package awsclient opens the AWS clients of every function. It builds their
// options by hand: a cold start then reads no files and parses five root
// certificates instead of a folder of them (design.md §8).
package awsclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Every attempt of a call may take this long; there are three.
const (
	attemptTimeout = time.Second
	attempts       = 3
)

// roots are the certificates that sign AWS's endpoints, from Amazon Trust Services.
//
//go:embed roots.pem
var roots []byte

// DynamoDB returns a client as the environment of a function describes it.
func DynamoDB() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       os.Getenv("AWS_REGION"),
		Credentials:  credentials(),
		BaseEndpoint: endpoint("AWS_ENDPOINT_URL_DYNAMODB"),
		HTTPClient:   httpClient(),
		Retryer:      retryer(),
	})
}

// SecretsManager returns a client as the environment of a function describes it.
func SecretsManager() *secretsmanager.Client {
	return secretsmanager.New(secretsmanager.Options{
		Region:       os.Getenv("AWS_REGION"),
		Credentials:  credentials(),
		BaseEndpoint: endpoint("AWS_ENDPOINT_URL_SECRETS_MANAGER"),
		HTTPClient:   httpClient(),
		Retryer:      retryer(),
	})
}

// credentials returns those that Lambda sets; they live as long as the process.
func credentials() aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
			SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
			SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
			Source:          "environment",
		}, nil
	})
}

func endpoint(variable string) *string {
	if url := os.Getenv(variable); url != "" {
		return &url
	}
	return nil
}

// retryer makes the SDK's standard retries, never its adaptive ones.
func retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = attempts })
}

// httpClient is one for all clients: the certificates are parsed once.
var httpClient = sync.OnceValue(func() *http.Client {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(roots)
	return &http.Client{
		Timeout: attemptTimeout,
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: attemptTimeout}).DialContext,
			ForceAttemptHTTP2:   false,
			MaxIdleConnsPerHost: 32,
			IdleConnTimeout:     90 * time.Second,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool},
		},
	}
})
