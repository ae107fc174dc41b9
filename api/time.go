package api

import (
	"strings"
	"time"
)

// Time is a time in the format of the contract: RFC 3339, in UTC, with six fraction digits. It does not embed
// [time.Time], whose methods an encoder would use instead.
type Time struct{ Time time.Time }

// AppendText implements [encoding.TextAppender], which a JSON encoder calls without an allocation. It is faster than
// [time.Time.AppendFormat] with a layout of six fraction digits.
func (t Time) AppendText(b []byte) ([]byte, error) {
	utc := t.Time.UTC()
	year, month, day := utc.Date()
	hour, minute, second := utc.Clock()
	b = append(appendDigits(b, year, 4), '-')
	b = append(appendDigits(b, int(month), 2), '-')
	b = append(appendDigits(b, day, 2), 'T')
	b = append(appendDigits(b, hour, 2), ':')
	b = append(appendDigits(b, minute, 2), ':')
	b = append(appendDigits(b, second, 2), '.')
	return append(appendDigits(b, utc.Nanosecond()/1000, 6), 'Z'), nil
}

// appendDigits appends a number that is not negative with the given number of digits.
func appendDigits(b []byte, number, digits int) []byte {
	b = append(b, "000000"[:digits]...)
	for i := range digits {
		b[len(b)-1-i] = byte('0' + number%10)
		number /= 10
	}
	return b
}

// MarshalText implements [encoding.TextMarshaler].
func (t Time) MarshalText() ([]byte, error) { return t.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts any offset and precision, and, as RFC 3339 does, a
// lower-case "t" and "z".
func (t *Time) UnmarshalText(text []byte) error {
	parsed, err := time.Parse(time.RFC3339, strings.ToUpper(string(text)))
	t.Time = parsed
	return err
}

// Bind implements the interface Binder of the generated code. It parses parameters.
func (t *Time) Bind(text string) error { return t.UnmarshalText([]byte(text)) }
