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

// newDeprecation reads the dates of a deprecation (RFC 3339, full-date), which are in UTC. A deprecated operation must have
// both, and no other operation may have them.
func newDeprecation(declared *contract.Operation) (*deprecation, error) {
	since, sinceErr := time.Parse(time.DateOnly, declared.DeprecatedAt)
	until, untilErr := time.Parse(time.DateOnly, declared.Sunset)
	switch {
	case !declared.Deprecated && declared.DeprecatedAt == "" && declared.Sunset == "":
		return nil, nil
	case !declared.Deprecated:
		return nil, errors.New("x-deprecated-at and x-sunset are for deprecated operations only")
	case sinceErr != nil || untilErr != nil:
		return nil, errors.New("a deprecated operation needs x-deprecated-at and x-sunset, dates in quotes such as '2026-11-24'")
	case !until.After(since):
		return nil, errors.New("x-sunset is not after x-deprecated-at")
	}
	return &deprecation{deprecated: fmt.Sprintf("@%d", since.Unix()), sunset: until.Format(http.TimeFormat)}, nil
}

// setHeaders announces the deprecation in an answer.
func (d *deprecation) setHeaders(h http.Header) {
	if d != nil {
		h.Set("Deprecation", d.deprecated)
		h.Set("Sunset", d.sunset)
	}
}
