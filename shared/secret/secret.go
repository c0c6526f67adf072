// Package secret holds values that must not be printed.
package secret

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// A Text is a secret. However it is printed, logged or marshalled, it shows
// "[redacted]"; only [Text.Reveal] gives the value.
type Text struct{ value string }

// New wraps value.
func New(value string) Text { return Text{value} }

// Reveal returns the value itself. Each call is a place to look at in review.
func (t Text) Reveal() string { return t.value }

// IsZero reports whether there is no value.
func (t Text) IsZero() bool { return t.value == "" }

// Format implements [fmt.Formatter] for every verb.
func (t Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText implements [encoding.TextMarshaler], and so covers JSON.
func (t Text) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements [slog.LogValuer].
func (t Text) LogValue() slog.Value { return slog.StringValue(redacted) }
