// Command get serves GET /v1/me: it explains the caller to itself.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/httpapi"
	"keyslot/shared/me"
)

func main() {
	lambda.StartHandlerFunc(httpapi.OK(me.Get))
}
