// Package want holds what many tests ask of errors.
package want

import (
	"errors"
	"testing"

	"keyslot/shared/apierr"
)

// Code wants err to be a refusal with the given code and, if field is not empty, to
// name that field alone.
func Code(t testing.TB, err error, code apierr.Code, field string) {
	t.Helper()
	e, ok := errors.AsType[*apierr.Error](err)
	if !ok || e.Code != code {
		t.Errorf("error %v, want %s", err, code)
		return
	}
	if field != "" && (len(e.Details) != 1 || e.Details[0].Field != field) {
		t.Errorf("details %v, want the field %s alone", e.Details, field)
	}
}
