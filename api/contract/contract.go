// Package contract enforces an OpenAPI 3.0 document. [Operation.Read] lets a request through only if it fits its operation;
// [Answers.Check] reports in what an answer breaks the document.
//
// All rules are compiled when the document is read. What the document says and the package cannot enforce is an error then,
// never ignored. No error and no problem holds a value that was sent in a body.
package contract

import (
	"fmt"
	"net/http"
	"net/url"
)

// Format is a check that the schema language cannot express. A schema names it with the keyword `format`.
type Format struct {
	// Check returns what is wrong with a value of a request. The query is the request's. It may be nil.
	Check func(r *http.Request, query url.Values, value string) Fault

	// List reports whether a header field of this format may be sent in several lines, which make one list (RFC 9110,
	// section 5.3).
	List bool
}

// Contract is what a document demands of requests. It is safe for concurrent use.
type Contract struct {
	operations map[string]*Operation
}

// New compiles a document, which is JSON. Formats have checks for the formats that it names; "date-time" is built in.
func New(text []byte, formats map[string]Format) (*Contract, error) {
	d, err := parse(text)
	if err != nil {
		return nil, err
	}
	c := newCompiler(d, formats)
	contract := &Contract{operations: map[string]*Operation{}}
	for path, item := range d.Paths.values {
		for method, declared := range item.operations() {
			op, err := c.operation(path, item, declared)
			if err != nil {
				return nil, fmt.Errorf("contract: %s %s: %w", method, path, err)
			}
			contract.operations[method+" "+path] = op
		}
	}
	return contract, nil
}

// Operation returns the operation of a pattern such as "GET /posts/{id}", or nil.
func (c *Contract) Operation(pattern string) *Operation { return c.operations[pattern] }
