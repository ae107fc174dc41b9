package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"example.com/postern/api"
	"example.com/postern/api/contract"
	"example.com/postern/domain"
)

// statuses maps kinds of failures to statuses. A failure of another kind is a 500.
var statuses = []struct {
	kind   error
	status int
}{
	{contract.ErrMalformed, http.StatusBadRequest},
	{contract.ErrMalformedBody, http.StatusBadRequest},
	{domain.ErrUnauthenticated, http.StatusUnauthorized},
	{domain.ErrForbidden, http.StatusForbidden},
	{domain.ErrNotFound, http.StatusNotFound},
	{errMethodNotAllowed, http.StatusMethodNotAllowed},
	{contract.ErrTooSlow, http.StatusRequestTimeout},
	{domain.ErrConflict, http.StatusConflict},
	{domain.ErrPrecondition, http.StatusPreconditionFailed},
	{contract.ErrTooLarge, http.StatusRequestEntityTooLarge},
	{contract.ErrUnsupported, http.StatusUnsupportedMediaType},
	{domain.ErrInvalid, http.StatusUnprocessableEntity},
	{domain.ErrTooMany, http.StatusTooManyRequests},
	{domain.ErrBusy, http.StatusServiceUnavailable},
}

// ErrDraining is returned by [Options.Ready] while the process finishes its last requests.
var ErrDraining = &domain.Error{Kind: domain.ErrBusy, Code: "draining", Message: "This instance is shutting down.", RetryAfter: time.Second}

var (
	errNotFound           = &domain.Error{Kind: domain.ErrNotFound, Code: "not_found", Message: "There is nothing at this path."}
	errMethodNotAllowed   = &domain.Error{Kind: errors.New("method not allowed"), Code: "method_not_allowed", Message: "This path does not support this method."}
	errPreconditionFailed = &domain.Error{Kind: domain.ErrPrecondition, Code: "precondition_failed", Message: "The condition in If-Match or If-None-Match is not met."}
	errMalformedRequest   = &domain.Error{Kind: contract.ErrMalformed, Code: "malformed_request", Message: "The request could not be read."}
	errInternal           = &domain.Error{Kind: errors.New("internal"), Code: "internal", Message: "Something went wrong on our side."}
)

// refusals maps the kinds of [contract.Refusal] to failures.
var refusals = map[error]domain.Error{
	contract.ErrMalformed:     {Kind: contract.ErrMalformed, Code: "malformed_request"},
	contract.ErrMalformedBody: {Kind: contract.ErrMalformedBody, Code: "malformed_body"},
	contract.ErrTooLarge:      {Kind: contract.ErrTooLarge, Code: "content_too_large"},
	contract.ErrTooSlow:       {Kind: contract.ErrTooSlow, Code: "request_timeout"},
	contract.ErrUnsupported:   {Kind: contract.ErrUnsupported, Code: "unsupported_media_type"},
}

// classify returns the failure that is reported to the client, and its status.
func classify(err error) (*domain.Error, int) {
	failure := failureOf(err)
	for _, s := range statuses {
		if errors.Is(failure, s.kind) {
			return failure, s.status
		}
	}
	return errInternal, http.StatusInternalServerError
}

func failureOf(err error) *domain.Error {
	var refusal *contract.Refusal
	var invalid *contract.Invalid
	var unbound *api.BindError
	switch {
	case isContextError(err):
		return domain.ErrStoreUnavailable // the client left, or the store took too long
	case errors.As(err, &refusal):
		failure := refusals[refusal.Kind]
		failure.Message = refusal.Message
		return &failure
	case errors.As(err, &invalid):
		err = domain.Invalid(make([]domain.FieldError, len(invalid.Fields))...)
	case errors.As(err, &unbound):
		return errMalformedRequest
	}
	if failure, ok := errors.AsType[*domain.Error](err); ok {
		return failure
	}
	return errInternal
}

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// writeProblem answers with the problem for err and records err for the access log.
func writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	reported := err
	if isWrite(r) && isContextError(err) {
		reported = domain.ErrOutcomeUnknown // see domain.Store
	}
	failure, status := classify(reported)
	state := stateOf(r.Context())
	state.err = err
	if code, ok := oauthErrorCode(err, status); ok && state.operation == tokenOperation {
		writeOAuthError(w, code, newProblem(failure, http.StatusBadRequest, state, fieldProblems(err, failure)))
		return
	}
	setProblemHeaders(w.Header(), failure, status)
	if refusal, ok := errors.AsType[*contract.Refusal](err); ok && len(refusal.Accept) > 0 {
		w.Header().Set(acceptHeader(r.Method), strings.Join(refusal.Accept, ", "))
	}
	w.WriteHeader(status)
	_, _ = w.Write(problemBody(newProblem(failure, status, state, fieldProblems(err, failure))))
}

func newProblem(failure *domain.Error, status int, state *requestState, fields []api.FieldProblem) api.Problem {
	return api.Problem{
		Type:      state.publicURL + problemPath + "/" + failure.Code,
		Title:     statusTitle(status),
		Status:    int32(status),
		Detail:    failure.Message,
		Code:      api.ProblemCode(failure.Code),
		RequestID: state.id,
		TraceID:   &state.traceID,
		Errors:    fields,
	}
}

// problemBody encodes a problem. It cannot fail, because problems consist of strings and integers.
func problemBody(problem any) []byte {
	body, _ := json.Marshal(problem)
	return append(body, '\n')
}

func setProblemHeaders(h http.Header, failure *domain.Error, status int) {
	h.Set("Content-Type", "application/problem+json")
	switch status {
	case http.StatusUnauthorized:
		challenge := "Bearer"
		if failure.Code == domain.ErrBadToken.Code {
			challenge = `Bearer error="invalid_token"`
		}
		h.Set("WWW-Authenticate", challenge)
	case http.StatusRequestEntityTooLarge, http.StatusRequestTimeout:
		h.Set("Connection", "close") // do not read the rest of the body
	}
	if failure.RetryAfter > 0 || status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		h.Set("Retry-After", strconv.Itoa(wholeSeconds(failure.RetryAfter)))
	}
	if q := failure.Quota; q != nil {
		h.Set("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", q.Policy, q.Limit, wholeSeconds(q.Window)))
		h.Set("RateLimit", fmt.Sprintf("%q;r=0;t=%d", q.Policy, wholeSeconds(failure.RetryAfter)))
	}
}

// acceptHeader returns the header that lists the media types an operation accepts (RFC 9110, section 12.5.1; RFC 5789,
// section 3.1).
func acceptHeader(method string) string {
	if method == http.MethodPatch {
		return "Accept-Patch"
	}
	return "Accept"
}

func wholeSeconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }

// statusTitle returns the reason phrase of RFC 9110, section 15. For two statuses, net/http has older phrases.
func statusTitle(status int) string {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return "Content Too Large"
	case http.StatusUnprocessableEntity:
		return "Unprocessable Content"
	}
	return http.StatusText(status)
}

// maxFieldProblems is the maximum number of invalid fields in a problem.
const maxFieldProblems = 100

func fieldProblems(err error, failure *domain.Error) []api.FieldProblem {
	if found, ok := errors.AsType[*contract.Invalid](err); ok {
		return found.Fields[:min(len(found.Fields), maxFieldProblems)]
	}
	var problems []api.FieldProblem
	for _, f := range failure.Fields {
		pointer := "/" + f.Field
		problems = append(problems, api.FieldProblem{
			In: api.FieldLocationBody, Pointer: &pointer, Code: api.FieldProblemCode(f.Code), Detail: f.Message,
		})
	}
	return problems
}
