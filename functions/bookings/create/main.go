// Command create serves POST /v1/bookings: it books one slot (J-B5).
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"keyslot/shared/booking"
	"keyslot/shared/dynamo"
	"keyslot/shared/httpapi"
)

func main() {
	bookings := booking.NewService(dynamo.Open())
	lambda.StartHandlerFunc(httpapi.Created(bookings.Create))
}
