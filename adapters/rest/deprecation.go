package rest

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"example.com/postern/api/contract"
)

// deprecation holds the header values of a deprecated operation. It is nil for other operations.
type deprecation struct {
	deprecated string // Deprecation (RFC 9745, section 2.1)
	sunset     string // Sunset (RFC 8594, section 3)
}

// newDeprecation reads x-deprecated-at and x-sunset, which are dates (RFC 3339, full-date) in UTC. A deprecated
// operation must have both, and no other operation may have them.
func newDeprecation(declared *contract.Operation) (*deprecation, error) {
	since, sinceErr := dateOf(declared, "x-deprecated-at")
	until, untilErr := dateOf(declared, "x-sunset")
	if !declared.Deprecated {
		if sinceErr == nil || untilErr == nil {
			return nil, errors.New("x-deprecated-at and x-sunset are for deprecated operations only")
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

// setHeaders announces the deprecation in an answer.
func (d *deprecation) setHeaders(h http.Header) {
	if d != nil {
		h.Set("Deprecation", d.deprecated)
		h.Set("Sunset", d.sunset)
	}
}
