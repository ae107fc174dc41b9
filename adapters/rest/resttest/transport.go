// Package resttest provides HTTP clients for tests. They check every answer against the contract.
package resttest

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/postern/api"
	"example.com/postern/api/contract"
)

var answers = sync.OnceValues(func() (*contract.Answers, error) { return contract.NewAnswers(api.OpenAPI) })

var document = sync.OnceValues(readDocument)

func readDocument() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(api.OpenAPI) }

// Document returns the contract. All tests of a process share it.
func Document(t testing.TB) *openapi3.T {
	t.Helper()
	shared, err := document()
	if err != nil {
		t.Fatalf("read the contract: %v", err)
	}
	return shared
}

// DocumentCopy returns a copy of the contract. The test may change it.
func DocumentCopy(t testing.TB) *openapi3.T {
	t.Helper()
	own, err := readDocument()
	if err != nil {
		t.Fatalf("read the contract: %v", err)
	}
	return own
}

// Answers returns the compiled contract. All tests of a process share it.
func Answers(t testing.TB) *contract.Answers {
	t.Helper()
	compiled, err := answers()
	if err != nil {
		t.Fatalf("read the contract: %v", err)
	}
	return compiled
}

// NewClient returns a client that fails t for every answer that breaks the contract. It does not follow redirects.
func NewClient(t testing.TB) *http.Client {
	transport := NewTransport(t, http.DefaultTransport)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// NewTransport returns a transport that fails t for every answer of next that breaks the contract. It uses
// [contract.Answers.Check] and also checks that the contract has an example of each problem code.
func NewTransport(t testing.TB, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	return &transport{t, next, Answers(t)}
}

type transport struct {
	t       testing.TB
	next    http.RoundTripper
	answers *contract.Answers
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
	if err := c.answers.Check(r, answer, body); err != nil {
		c.t.Errorf("%s %s: %d: the answer breaks the contract: %v\n%.1000s", r.Method, r.URL.Path, answer.StatusCode, err, body)
	}
	if err := checkExample(r, answer.StatusCode, body); err != nil {
		c.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	return answer, nil
}
