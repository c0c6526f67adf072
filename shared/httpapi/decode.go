package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"reflect"
	"strconv"
	"strings"

	"keyslot/shared/apierr"
)

// MaxBody is the greatest size of a request's body, in bytes (design.md §1).
const MaxBody = 256 * 1024

// A decoder reads inputs of one type. Which fields come from where is found out
// once, when the function starts.
type decoder[In any] struct {
	fields []field
	body   bool // whether any field comes from the body
}

// A field of an input that does not come from the body.
type field struct {
	index  []int
	name   string
	source func(Request, string) (string, bool)
}

// newDecoder panics if a field of In has a type that it cannot read.
func newDecoder[In any]() decoder[In] {
	var d decoder[In]
	sources := map[string]func(Request, string) (string, bool){
		"path":   func(r Request, name string) (string, bool) { v, ok := r.PathParameters[name]; return v, ok },
		"query":  func(r Request, name string) (string, bool) { v, ok := r.QueryStringParameters[name]; return v, ok },
		"header": header,
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[In]()) {
		if f.Anonymous {
			continue
		}
		if f.Tag.Get("json") != "-" {
			d.body = true
		}
		for tag, source := range sources {
			name, ok := f.Tag.Lookup(tag)
			if !ok {
				continue
			}
			switch f.Type {
			case reflect.TypeFor[string](), reflect.TypeFor[*int]():
			default:
				panic(fmt.Sprintf("httpapi: field %s has a type that cannot be read from a %s", f.Name, tag))
			}
			d.fields = append(d.fields, field{f.Index, name, source})
		}
	}
	return d
}

// header finds a header by name, whatever its case.
func header(r Request, name string) (string, bool) {
	for have, value := range r.Headers {
		if textproto.CanonicalMIMEHeaderKey(have) == name {
			return value, true
		}
	}
	return "", false
}

func (d decoder[In]) decode(r Request) (In, error) {
	var in In
	if d.body {
		if err := decodeBody(r, &in); err != nil {
			return in, err
		}
	}
	value := reflect.ValueOf(&in).Elem()
	for _, f := range d.fields {
		text, ok := f.source(r, f.name)
		if !ok {
			continue
		}
		switch dst := value.FieldByIndex(f.index).Addr().Interface().(type) {
		case *string:
			*dst = text
		case **int:
			n, err := strconv.Atoi(text)
			if err != nil {
				return in, unreadable(f.name, "must be a whole number")
			}
			*dst = &n
		}
	}
	return in, nil
}

// decodeBody reads a body strictly: one JSON object, no field that In lacks. No body
// at all is an object without fields.
func decodeBody(r Request, in any) error {
	body := r.Body
	if r.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return unreadable("body", "is not valid base64")
		}
		body = string(decoded)
	}
	if len(body) > MaxBody {
		return apierr.New(apierr.PayloadTooLarge, "The request body is larger than 256 KB.")
	}
	if strings.TrimSpace(body) == "" {
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(in); err != nil {
		return explain(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return unreadable("body", "has something behind its JSON object")
	}
	return nil
}

// explain says in our words, and by the field's name, what encoding/json found wrong.
func explain(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		name := wrong.Field
		if name == "" {
			name = "body"
		}
		return unreadable(name, "must be "+kindOf(wrong.Type))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if unquoted, err := strconv.Unquote(name); err == nil {
			name = unquoted
		}
		return unreadable(name, "is not a field of this request")
	}
	return unreadable("body", "is not valid JSON")
}

func kindOf(t reflect.Type) string {
	switch t.Kind() { //nolint:exhaustive // the others do not occur in inputs
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		return "an array"
	case reflect.Pointer:
		return kindOf(t.Elem())
	default:
		return "an object"
	}
}

func unreadable(name, message string) error {
	return &apierr.Error{
		Code:    apierr.InvalidRequest,
		Message: "The request cannot be read; see the details.",
		Details: []apierr.Detail{{Field: name, Message: message}},
	}
}
