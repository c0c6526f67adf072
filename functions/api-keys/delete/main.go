// Command delete serves DELETE /v1/api-keys/{keyId}: it deletes a key that is not enabled (D-25, D-27).
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/apikey"
	"keyslot/shared/dynamo"
	"keyslot/shared/httpapi"
)

func main() {
	keys := apikey.NewService(dynamo.OpenCredentials(), nil)
	lambda.StartHandlerFunc(httpapi.OK(keys.Delete))
}
