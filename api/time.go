package api

import (
	"strings"
	"time"
)

// Time is a time as the contract writes it: RFC 3339, in UTC, with six fraction digits. It embeds nothing, because an encoder
// would use the methods of [time.Time].
type Time struct{ Time time.Time }

// AppendText implements [encoding.TextAppender], which costs a JSON encoder no allocation. Go's own layouts have no fixed number
// of fraction digits that is fast.
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

// appendDigits appends the last digits of a number that is not negative.
func appendDigits(b []byte, number, digits int) []byte {
	b = append(b, "000000"[:digits]...)
	for i := len(b) - 1; digits > 0; i, digits = i-1, digits-1 {
		b[i] = byte('0' + number%10)
		number /= 10
	}
	return b
}

// MarshalText implements [encoding.TextMarshaler].
func (t Time) MarshalText() ([]byte, error) { return t.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts any offset and precision, and, as RFC 3339 does, a lower-case
// "t" and "z".
func (t *Time) UnmarshalText(text []byte) error {
	parsed, err := time.Parse(time.RFC3339, strings.ToUpper(string(text)))
	t.Time = parsed
	return err
}

// Bind implements runtime.Binder of the generated code, for parameters.
func (t *Time) Bind(text string) error { return t.UnmarshalText([]byte(text)) }
