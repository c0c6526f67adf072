// Command update serves PATCH /v1/api-keys/{keyId}: it renames a key or changes what it may (D-8, D-9, D-16).
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/apikey"
	"keyslot/shared/dynamo"
	"keyslot/shared/httpapi"
)

func main() {
	keys := apikey.NewService(dynamo.OpenCredentials(), nil)
	lambda.StartHandlerFunc(httpapi.OK(keys.Update))
}
