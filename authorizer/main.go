// Command authorizer says who is calling: it maps the credential in the headers of a
// request to a principal, or refuses.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/dynamo"
	"keyslot/shared/secrets"
)

func main() {
	a := &authorizer{keys: dynamo.OpenCredentials(), peppers: secrets.OpenPeppers()}
	a.warm()
	lambda.StartHandlerFunc(a.authorize)
}
