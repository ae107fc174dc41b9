// Package resttest checks every answer that an HTTP test gets against the contract.
package resttest

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"example.com/postern/api/answers"
)

// NewClient returns a client that fails t for every answer that breaks the contract, and follows no redirect.
func NewClient(t testing.TB) *http.Client {
	transport := NewTransport(t, http.DefaultTransport)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// NewTransport returns a transport that fails t for every answer of next that breaks the contract, as
// [answers.Contract.Check] tells.
func NewTransport(t testing.TB, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	contract, err := answers.Load()
	if err != nil {
		t.Fatalf("read the embedded contract: %v", err)
	}
	return &transport{t, next, contract}
}

type transport struct {
	t        testing.TB
	next     http.RoundTripper
	contract *answers.Contract
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
	if err := c.contract.Check(r, answer, body); err != nil {
		c.t.Errorf("%s %s: %d: the answer breaks the contract: %v\n%.1000s", r.Method, r.URL.Path, answer.StatusCode, err, body)
	}
	return answer, nil
}
