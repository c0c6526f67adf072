// Command bootstrap creates an organization with its first users and keys. It has no
// route: it is invoked through IAM, once for each organization.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/bootstrap"
	"keyslot/shared/dynamo"
	"keyslot/shared/secrets"
)

func main() {
	store, peppers := dynamo.Open(), secrets.OpenPeppers()
	lambda.StartHandlerFunc(func(ctx context.Context, in bootstrap.Input) (bootstrap.Output, error) {
		ring, err := peppers.Ring(ctx)
		if err != nil {
			return bootstrap.Output{}, err
		}
		return bootstrap.Run(ctx, store, ring, in, time.Now())
	})
}
