// Command get serves GET /v1/bookings/{bookingId}: one booking (J-B2).
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/booking"
	"keyslot/shared/dynamo"
	"keyslot/shared/httpapi"
)

func main() {
	bookings := booking.NewService(dynamo.Open())
	lambda.StartHandlerFunc(httpapi.OK(bookings.Get))
}
