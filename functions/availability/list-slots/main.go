// Command list-slots serves GET /v1/event-types/{eventTypeId}/slots: the free starts of an event type (J-E4).
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/dynamo"
	"keyslot/shared/httpapi"
	"keyslot/shared/slot"
)

func main() {
	slots := slot.NewService(dynamo.Open())
	lambda.StartHandlerFunc(httpapi.OK(slots.List))
}
