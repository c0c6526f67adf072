// Command create serves POST /v1/api-keys: it makes a key (D-4, B-6).
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/apikey"
	"keyslot/shared/dynamo"
	"keyslot/shared/httpapi"
	"keyslot/shared/secrets"
)

func main() {
	keys := apikey.NewService(dynamo.OpenCredentials(), secrets.OpenPeppers())
	lambda.StartHandlerFunc(httpapi.Created(keys.Create))
}
