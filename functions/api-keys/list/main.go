// Command list serves GET /v1/api-keys: the keys, masked (J-K2, D-7).
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/apikey"
	"keyslot/shared/dynamo"
	"keyslot/shared/httpapi"
)

func main() {
	keys := apikey.NewService(dynamo.OpenCredentials(), nil)
	lambda.StartHandlerFunc(httpapi.List(keys.List))
}
