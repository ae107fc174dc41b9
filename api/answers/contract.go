// Package answers holds answers against the contract: those of a server under test and, in development, one's own.
package answers

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/postern/api"
)

// Contract is a contract, as a rule the embedded one, ready to check answers. It is safe for concurrent use.
type Contract struct {
	spec   *openapi3.T
	routes *http.ServeMux
}

// Load returns the embedded contract. It is parsed once: that takes longer than most tests.
var Load = sync.OnceValues(func() (*Contract, error) {
	spec, err := api.GetSpec()
	if err != nil {
		return nil, err
	}
	return New(spec), nil
})

// New returns a contract that is not, or not quite, the embedded one, and that nobody changes any more. It panics if two of its
// paths are the same.
func New(spec *openapi3.T) *Contract {
	routes := http.NewServeMux()
	for path, item := range spec.Paths.Map() {
		for method := range item.Operations() {
			routes.Handle(method+" "+path, http.NotFoundHandler())
		}
	}
	return &Contract{spec, routes}
}

// Spec returns the contract as a document. Nobody may change it.
func (c *Contract) Spec() *openapi3.T { return c.spec }

// operation returns what the request asks for; nil if the contract has no such path or method.
func (c *Contract) operation(r *http.Request) (*openapi3.Operation, string) {
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
