// Package contract enforces an OpenAPI 3.0 document. [Operation.Read] returns a request only if it conforms to its
// operation. [Answers.Check] checks an answer.
//
// All rules are compiled when the document is read. A rule that the package cannot enforce is an error at that point;
// it is never ignored. No error and no problem contains a value from the body of a request.
package contract

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// Format is a check that the schema language cannot express. A schema names it with the keyword `format`.
type Format struct {
	// Check returns the fault of a value of a request. The query is that of the request. A nil Check accepts every value.
	Check func(r *http.Request, query url.Values, value string) Fault

	// List reports whether a header of this format may have several lines, which form one list (RFC 9110, section 5.3).
	List bool
}

// Contract holds the compiled operations of a document. It is safe for concurrent use.
type Contract struct {
	operations map[string]*Operation
}

// New compiles the rules for requests of a JSON document. It needs a check for each custom format that the document uses.
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

// Operation returns the operation of a pattern such as "GET /posts/{id}". It returns nil if there is none.
func (c *Contract) Operation(pattern string) *Operation { return c.operations[pattern] }

// Description describes an operation for clients.
type Description struct {
	ID, Method, Path string

	Access      Access
	TokenMember string // see [Operation.TokenMember]

	Media        []string // media types of the body, in the order of the document; empty if the operation takes no body
	OptionalBody bool
}

// Describe returns the operations of a JSON document, sorted by identifier.
func Describe(text []byte) ([]Description, error) {
	d, err := parse(text)
	if err != nil {
		return nil, err
	}
	var all []Description
	for path, item := range d.Paths.values {
		for method, declared := range item.operations() {
			one := Description{
				ID: declared.OperationID, Method: method, Path: path, Access: accessOf(declared.Security), TokenMember: declared.TokenMember,
			}
			if declared.RequestBody != nil {
				one.Media, one.OptionalBody = declared.RequestBody.Content.names, !declared.RequestBody.Required
			}
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b Description) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Path, b.Path)) })
	return all, nil
}
