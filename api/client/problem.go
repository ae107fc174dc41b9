package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Error says what went wrong, for people. It holds nothing that was sent in a body.
func (p *Problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "postern: %d %s", p.Status, p.Detail)
	for i, field := range p.Errors {
		b.WriteString([]string{" ", "; "}[min(i, 1)] + field.String())
	}
	if p.RequestID != "" {
		b.WriteString(" (request " + p.RequestID + ")")
	}
	return b.String()
}

// Is tells whether target is the problem's code, so that errors.Is(err, ProblemCodeEmailTaken) finds it.
func (p *Problem) Is(target error) bool {
	code, ok := target.(ProblemCode)
	return ok && code == p.Code
}

// Error returns the code itself. It makes codes targets for errors.Is.
func (c ProblemCode) Error() string { return string(c) }

// Field returns what is wrong with a field, named by its JSON pointer or, outside of the body, by the parameter's name. It is
// nil if nothing is.
func (p *Problem) Field(pointerOrName string) *FieldProblem {
	for i := range p.Errors {
		if p.Errors[i].where() == pointerOrName {
			return &p.Errors[i]
		}
	}
	return nil
}

// String says which field it is and what is wrong with it, for people.
func (f FieldProblem) String() string { return f.where() + " " + f.Detail }

func (f FieldProblem) where() string {
	switch {
	case f.Pointer != nil:
		return *f.Pointer
	case f.Name != nil:
		return *f.Name
	}
	return ""
}

// problemOf makes a problem of an answer that is not what was asked for. Its code is empty if the answer is not Postern's, but
// that of something between.
func problemOf(resp *http.Response, body []byte) *Problem {
	p := &Problem{}
	if strings.Contains(resp.Header.Get("Content-Type"), "json") && json.Unmarshal(body, p) != nil {
		*p = Problem{}
	}
	if p.Code == "" {
		*p = Problem{Title: http.StatusText(resp.StatusCode), Detail: "The answer is not one of Postern's."}
	}
	p.Status = int32(resp.StatusCode)
	p.RetryAfter = retryAfter(resp.Header)
	if p.RequestID == "" {
		p.RequestID = resp.Header.Get("X-Request-Id")
	}
	return p
}

// retryAfter reads Retry-After (RFC 9110, section 10.2.3), seconds or a date; 0 if it is not there or not sane.
func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}
