// Command clone serves POST /v1/api-keys/{keyId}/clone: it makes a key with the scopes and allowlist of another (D-24).
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
	lambda.StartHandlerFunc(httpapi.Created(keys.Clone))
}
