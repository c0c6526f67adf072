// Command disable serves POST /v1/api-keys/{keyId}/disable: it stops a key until it is enabled again (D-22).
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/apikey"
	"keyslot/shared/dynamo"
	"keyslot/shared/httpapi"
)

func main() {
	keys := apikey.NewService(dynamo.OpenCredentials(), nil)
	lambda.StartHandlerFunc(httpapi.OK(keys.Disable))
}
