// Command create serves POST /v1/event-types: it adds what can be booked.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/dynamo"
	"keyslot/shared/eventtype"
	"keyslot/shared/httpapi"
)

func main() {
	eventTypes := eventtype.NewService(dynamo.Open())
	lambda.StartHandlerFunc(httpapi.Created(eventTypes.Create))
}
