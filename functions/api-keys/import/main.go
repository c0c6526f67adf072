// Command import serves POST /v1/api-keys/import: it makes a key of a value that another
// system issued, which keeps working (contract.md §7, 5).
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
	lambda.StartHandlerFunc(httpapi.Created(keys.Import))
}
