// Command list serves GET /v1/bookings: bookings in order of start (J-B1).
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/booking"
	"keyslot/shared/dynamo"
	"keyslot/shared/httpapi"
)

func main() {
	bookings := booking.NewService(dynamo.Open())
	lambda.StartHandlerFunc(httpapi.List(bookings.List))
}
