// Command list-calendars serves GET /v1/users/{userId}/availability-calendars: the calendars of a user (J-A1).
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/calendar"
	"keyslot/shared/dynamo"
	"keyslot/shared/httpapi"
)

func main() {
	calendars := calendar.NewService(dynamo.Open())
	lambda.StartHandlerFunc(httpapi.List(calendars.List))
}
