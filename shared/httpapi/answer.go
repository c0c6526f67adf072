package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"keyslot/shared/apierr"
	"keyslot/shared/page"
	"keyslot/shared/principal"
)

// The shapes of all answers (design.md §5).
type (
	success struct {
		Success    bool        `json:"success"`
		Data       any         `json:"data"`
		Pagination *pagination `json:"pagination,omitempty"`
	}
	pagination struct {
		NextCursor *string `json:"nextCursor"` // null on the last page
		HasMore    bool    `json:"hasMore"`
	}
	failure struct {
		Success bool      `json:"success"`
		Error   errorBody `json:"error"`
	}
	errorBody struct {
		Code    apierr.Code     `json:"code"`
		Message string          `json:"message"`
		Details []apierr.Detail `json:"details,omitempty"`
	}
)

// pager is a [page.Page] of whatever items.
type pager interface {
	Parts() (items any, next string)
}

func envelope(out any) success {
	p, ok := out.(pager)
	if !ok {
		return success{Success: true, Data: out}
	}
	items, next := p.Parts()
	s := success{Success: true, Data: items, Pagination: &pagination{}}
	if next != "" {
		s.Pagination.NextCursor, s.Pagination.HasMore = &next, true
	}
	return s
}

var _ pager = page.Page[int]{}

// statusOf has the HTTP status of every refusal.
var statusOf = map[apierr.Code]int{
	apierr.Internal:             http.StatusInternalServerError,
	apierr.InvalidRequest:       http.StatusBadRequest,
	apierr.ValidationFailed:     http.StatusUnprocessableEntity,
	apierr.Forbidden:            http.StatusForbidden,
	apierr.NotFound:             http.StatusNotFound,
	apierr.Conflict:             http.StatusConflict,
	apierr.SlotUnavailable:      http.StatusConflict,
	apierr.InvalidState:         http.StatusConflict,
	apierr.KeyEnabled:           http.StatusConflict,
	apierr.KeyLimit:             http.StatusConflict,
	apierr.IdempotencyKeyReused: http.StatusUnprocessableEntity,
	apierr.PayloadTooLarge:      http.StatusRequestEntityTooLarge,
	apierr.Unavailable:          http.StatusServiceUnavailable,
}

// errorResponse renders err. Only an [apierr.Error] reaches the caller: the text of
// any other error may hold table names, keys or tokens.
func errorResponse(err error) Response {
	if errors.Is(err, principal.ErrNone) { // the authorizer was passed by: B-16
		return jsonResponse(http.StatusUnauthorized, failure{Error: errorBody{
			Code: "UNAUTHORIZED", Message: "No API key provided. Include your API key in the Authorization header.",
		}})
	}
	e, ok := errors.AsType[*apierr.Error](err)
	if !ok {
		e = apierr.New(apierr.Internal, "Internal error.")
	}
	r := jsonResponse(statusOf[e.Code], failure{Error: errorBody{e.Code, e.Message, e.Details}})
	if e.RetryAfter > 0 {
		seconds := (e.RetryAfter + time.Second - 1) / time.Second
		r.Headers["Retry-After"] = strconv.Itoa(int(seconds))
	}
	return r
}

func jsonResponse(status int, body any) Response {
	js, err := json.Marshal(body)
	if err != nil { // no type of ours fails to marshal
		status, js = http.StatusInternalServerError, []byte(`{"success":false,"error":{"code":"INTERNAL","message":"Internal error."}}`)
	}
	return Response{
		StatusCode: status,
		Headers:    map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store"},
		Body:       string(js),
	}
}
