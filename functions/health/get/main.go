// Command get serves GET /v1/health: that the API is there. It is public, reads
// nothing and says nothing else.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/httpapi"
)

type health struct {
	Status string `json:"status"`
}

func main() {
	lambda.StartHandlerFunc(httpapi.Public(func(context.Context) (health, error) {
		return health{Status: "ok"}, nil
	}))
}
