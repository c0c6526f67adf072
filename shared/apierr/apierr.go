// Package apierr holds the errors that a caller of the API may see. Any other
// error is internal: its text reaches the log, never the caller.
package apierr

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Code is the machine-readable name of a refusal, as it stands in the answer.
type Code string

// The codes of all refusals. Which HTTP status each has is the adapter's matter.
const (
	Internal             Code = "INTERNAL"
	InvalidRequest       Code = "INVALID_REQUEST"        // unreadable: bad JSON, unknown field, wrong type
	ValidationFailed     Code = "VALIDATION_FAILED"      // readable, but a value breaks a rule
	Forbidden            Code = "FORBIDDEN"              // B-18
	NotFound             Code = "NOT_FOUND"              // also another tenant's, which must look the same
	Conflict             Code = "CONFLICT"               // clashes with what is stored
	SlotUnavailable      Code = "SLOT_UNAVAILABLE"       // somebody else has the time
	InvalidState         Code = "INVALID_STATE"          // not in this state of the booking
	KeyEnabled           Code = "KEY_ENABLED"            // D-27: disable it before deleting it
	KeyLimit             Code = "KEY_LIMIT"              // D-5: the account has all the keys it may have
	IdempotencyKeyReused Code = "IDEMPOTENCY_KEY_REUSED" // same Idempotency-Key, other request
	PayloadTooLarge      Code = "PAYLOAD_TOO_LARGE"
	Unavailable          Code = "UNAVAILABLE" // too much contention or a store out of reach; try again
)

// An Error is a refusal that may be shown to the caller.
type Error struct {
	Code    Code
	Message string
	// Details name the fields at fault; only InvalidRequest and ValidationFailed have any.
	Details []Detail
	// RetryAfter, if not zero, says when the same request may succeed.
	RetryAfter time.Duration
}

// A Detail says what is wrong with one field.
type Detail struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Error returns the code, the message and the fields at fault.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Code, e.Message)
	for _, d := range e.Details {
		fmt.Fprintf(&b, "; %s: %s", d.Field, d.Message)
	}
	return b.String()
}

// New returns an Error with a message for people.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Missing returns the NotFound for one thing, for example "booking". It names no
// id: what exists elsewhere must not show.
func Missing(what string) *Error {
	return New(NotFound, "There is no such %s.", what)
}

// Denied returns B-18's refusal, word for word.
func Denied() *Error {
	return New(Forbidden, "Your API key does not have permission to access this resource.")
}

// Busy returns the refusal of a request that lost too many races; it may be tried again.
func Busy() *Error {
	return &Error{Code: Unavailable, Message: "Too many changes at the same time. Try again.", RetryAfter: time.Second}
}

// Is reports whether err is, or wraps, an Error with the given code.
func Is(err error, code Code) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == code
}

// Fields gathers what is wrong with an input, so that a caller learns of all of it
// at once. The zero value is ready to use.
type Fields struct{ details []Detail }

// Add notes that a field breaks a rule. Nested fields are spelled "attendee.email", "hosts[0].userId".
func (f *Fields) Add(field, format string, args ...any) {
	f.details = append(f.details, Detail{Field: field, Message: fmt.Sprintf(format, args...)})
}

// Err returns nil if nothing was added, and a ValidationFailed otherwise.
func (f *Fields) Err() error {
	if len(f.details) == 0 {
		return nil
	}
	return &Error{Code: ValidationFailed, Message: "The request breaks a rule; see the details.", Details: f.details}
}

// Invalid returns the ValidationFailed of a single field.
func Invalid(field, format string, args ...any) error {
	var f Fields
	f.Add(field, format, args...)
	return f.Err()
}
