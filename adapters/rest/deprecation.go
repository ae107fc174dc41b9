package rest

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"example.com/postern/api/contract"
)

// deprecation is what the answers of an operation that is on its way out say of that; nil if it is not.
type deprecation struct {
	deprecated string // Deprecation (RFC 9745, section 2.1)
	sunset     string // Sunset (RFC 8594, section 3)
}

// newDeprecation reads what the contract must say of an operation that is deprecated, and of no other: x-deprecated-at and
// x-sunset, dates (RFC 3339, full-date) in UTC.
func newDeprecation(declared *contract.Operation) (*deprecation, error) {
	since, sinceErr := dateOf(declared, "x-deprecated-at")
	until, untilErr := dateOf(declared, "x-sunset")
	if !declared.Deprecated {
		if sinceErr == nil || untilErr == nil {
			return nil, errors.New("x-deprecated-at and x-sunset are for what is deprecated")
		}
		return nil, nil
	}
	if err := errors.Join(sinceErr, untilErr); err != nil {
		return nil, err
	}
	if !until.After(since) {
		return nil, errors.New("x-sunset is not after x-deprecated-at")
	}
	return &deprecation{deprecated: fmt.Sprintf("@%d", since.Unix()), sunset: until.Format(http.TimeFormat)}, nil
}

func dateOf(declared *contract.Operation, extension string) (time.Time, error) {
	text, _ := declared.Extension(extension)
	date, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return date, fmt.Errorf("a deprecated operation needs %s, a date in quotes such as '2026-11-24'", extension)
	}
	return date, nil
}

// setHeaders tells a client of a deprecated operation, whatever the answer will be.
func (d *deprecation) setHeaders(h http.Header) {
	if d != nil {
		h.Set("Deprecation", d.deprecated)
		h.Set("Sunset", d.sunset)
	}
}
