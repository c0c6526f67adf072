// Command create-calendar serves POST /v1/users/{userId}/availability-calendars: it adds weekly hours of a user.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/calendar"
	"keyslot/shared/dynamo"
	"keyslot/shared/httpapi"
)

func main() {
	calendars := calendar.NewService(dynamo.Open())
	lambda.StartHandlerFunc(httpapi.Created(calendars.Create))
}
