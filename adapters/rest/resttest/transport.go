// Package resttest checks every answer that an HTTP test gets against the contract.
package resttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"example.com/postern/api"
)

// NewClient returns a client that fails t for every answer that breaks the contract, and follows no redirect.
func NewClient(t testing.TB) *http.Client {
	transport := NewTransport(t, http.DefaultTransport)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// NewTransport returns a transport that fails t for every answer of next that breaks the contract: a status, header or
// body that its operation does not declare, an error that is no problem document, or a missing security header.
func NewTransport(t testing.TB, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	c, err := readContract()
	if err != nil {
		t.Fatalf("read the embedded contract: %v", err)
	}
	return &transport{t: t, next: next, spec: c.spec, routes: c.routes}
}

type contract struct {
	spec   *openapi3.T
	routes *http.ServeMux
}

// readContract parses it once: that takes longer than most tests.
var readContract = sync.OnceValues(func() (contract, error) {
	spec, err := api.GetSpec()
	if err != nil {
		return contract{}, err
	}
	routes := http.NewServeMux()
	for path, item := range spec.Paths.Map() {
		for method := range item.Operations() {
			routes.Handle(method+" "+path, http.NotFoundHandler())
		}
	}
	return contract{spec, routes}, nil
})

type transport struct {
	t      testing.TB
	next   http.RoundTripper
	spec   *openapi3.T
	routes *http.ServeMux
}

// RoundTrip implements [http.RoundTripper].
func (c *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return answer, err
	}
	if err := c.check(r, answer, body); err != nil {
		c.t.Errorf("%s %s: %d: the answer breaks the contract: %v\n%.1000s", r.Method, r.URL.Path, answer.StatusCode, err, body)
	}
	return answer, nil
}

func (c *transport) check(r *http.Request, answer *http.Response, body []byte) error {
	if err := checkHeaders(answer); err != nil {
		return err
	}
	if answer.StatusCode >= 400 && r.Method != http.MethodHead {
		if err := c.checkProblem(r, answer, body); err != nil {
			return err
		}
	}
	operation, method := c.operation(r)
	if operation == nil {
		return nil
	}
	if answer.StatusCode == http.StatusRequestHeaderFieldsTooLarge {
		return nil // the server answers this before there is an operation
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: r,
			Route:   &routers.Route{Spec: c.spec, Method: method, Operation: operation},
		},
		Status: answer.StatusCode,
		Header: answer.Header,
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true,
			MultiError:            true,
			ExcludeResponseBody:   r.Method == http.MethodHead,
		},
	}
	input.SetBodyBytes(body)
	return openapi3filter.ValidateResponse(r.Context(), input)
}

// operation returns what the request asks for; nil if the contract has no such path or method.
func (c *transport) operation(r *http.Request) (*openapi3.Operation, string) {
	target := r.URL.Path
	if len(target) > 1 {
		target = strings.TrimSuffix(target, "/")
	}
	if path.Clean(target) != target || strings.Contains(strings.ToLower(r.URL.RawPath), "%2f") {
		return nil, ""
	}
	_, pattern := c.routes.Handler(&http.Request{Method: r.Method, Host: r.Host, URL: &url.URL{Path: target}})
	method, template, _ := strings.Cut(pattern, " ")
	if item := c.spec.Paths.Value(template); item != nil {
		return item.GetOperation(method), method
	}
	return nil, ""
}

// everyAnswer lists what every answer carries.
var everyAnswer = []string{"X-Request-Id", "Cache-Control", "Content-Security-Policy", "Cross-Origin-Resource-Policy", "Referrer-Policy", "X-Content-Type-Options"}

func checkHeaders(answer *http.Response) error {
	for _, name := range everyAnswer {
		if values := answer.Header[http.CanonicalHeaderKey(name)]; len(values) != 1 || values[0] == "" {
			return fmt.Errorf("header %s is there %d times", name, len(values))
		}
	}
	required := map[int]string{401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}[answer.StatusCode]
	if required != "" && answer.Header.Get(required) == "" {
		return fmt.Errorf("header %s is missing", required)
	}
	return nil
}

func (c *transport) checkProblem(r *http.Request, answer *http.Response, body []byte) error {
	wanted := "application/problem+json"
	if operation, _ := c.operation(r); operation != nil && operation.OperationID == "CreateToken" && answer.StatusCode == http.StatusBadRequest {
		wanted = "application/json" // RFC 6749, section 5.2; the rest of it is a problem all the same
	}
	if media, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); media != wanted {
		return fmt.Errorf("an error of media type %q", media)
	}
	var problem map[string]any
	if err := json.Unmarshal(body, &problem); err != nil {
		return err
	}
	if problem["status"] != float64(answer.StatusCode) || problem["request_id"] != answer.Header.Get("X-Request-Id") {
		return fmt.Errorf("the problem speaks of another status or request")
	}
	return c.spec.Components.Schemas["Problem"].Value.VisitJSON(problem, openapi3.MultiErrors(), openapi3.VisitAsResponse())
}
