// Command list serves GET /v1/event-types: event types, oldest first.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/dynamo"
	"keyslot/shared/eventtype"
	"keyslot/shared/httpapi"
)

func main() {
	eventTypes := eventtype.NewService(dynamo.Open())
	lambda.StartHandlerFunc(httpapi.List(eventTypes.List))
}
