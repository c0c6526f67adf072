// Command cancel serves POST /v1/bookings/{bookingId}/cancel: it ends a booking and frees its time (J-B3).
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/booking"
	"keyslot/shared/dynamo"
	"keyslot/shared/httpapi"
)

func main() {
	bookings := booking.NewService(dynamo.Open())
	lambda.StartHandlerFunc(httpapi.OK(bookings.Cancel))
}
