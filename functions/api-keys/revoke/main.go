// Command revoke serves POST /v1/api-keys/{keyId}/revoke: it stops a key for good (B-14).
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/apikey"
	"keyslot/shared/dynamo"
	"keyslot/shared/httpapi"
)

func main() {
	keys := apikey.NewService(dynamo.OpenCredentials(), nil)
	lambda.StartHandlerFunc(httpapi.OK(keys.Revoke))
}
