// Command get-calendar serves GET /v1/users/{userId}/availability-calendars/{calendarId}: one calendar of a user (J-A2).
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/calendar"
	"keyslot/shared/dynamo"
	"keyslot/shared/httpapi"
)

func main() {
	calendars := calendar.NewService(dynamo.Open())
	lambda.StartHandlerFunc(httpapi.OK(calendars.Get))
}
