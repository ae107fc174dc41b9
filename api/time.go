package api

import (
	"strings"
	"time"
)

// Time is a time as the contract writes it: RFC 3339, in UTC, with six fraction digits.
type Time struct{ time.Time }

const timeLayout = "2006-01-02T15:04:05.000000Z"

// MarshalJSON implements [json.Marshaler].
func (t Time) MarshalJSON() ([]byte, error) {
	return t.UTC().AppendFormat(nil, `"`+timeLayout+`"`), nil
}

// MarshalText implements [encoding.TextMarshaler].
func (t Time) MarshalText() ([]byte, error) { return t.UTC().AppendFormat(nil, timeLayout), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts any offset and precision, and, as RFC 3339 does, a lower-case
// "t" and "z".
func (t *Time) UnmarshalText(text []byte) error {
	parsed, err := time.Parse(time.RFC3339, strings.ToUpper(string(text)))
	t.Time = parsed
	return err
}

// Bind implements runtime.Binder of the generated code, for parameters.
func (t *Time) Bind(text string) error { return t.UnmarshalText([]byte(text)) }
