package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/postern/api"
)

// operation is what the contract says of one operation, ready to be enforced.
type operation struct {
	id         string
	access     access
	segments   []string // of the path template
	parameters []parameter
	body       *body  // nil if it takes none
	proof      string // the member of the form that may stand for an access token; empty if none may
	ends       *deprecation

	conditional bool // whether it checks If-Match and If-None-Match itself
	exists      bool // whether what it writes to can be read, too, so that it has a representation
}

// newOperations reads the embedded contract, by mux pattern. What it cannot enforce is an error.
func newOperations() (map[string]*operation, error) {
	spec, err := api.GetSpec()
	if err != nil {
		return nil, fmt.Errorf("rest: read the embedded contract: %w", err)
	}
	order, err := propertyOrder()
	if err != nil {
		return nil, err
	}
	return operationsOf(spec, order)
}

func operationsOf(spec *openapi3.T, order map[string][]string) (map[string]*operation, error) {
	operations := map[string]*operation{}
	for path, item := range spec.Paths.Map() {
		for method, declared := range item.Operations() {
			op, err := newOperation(path, item, declared, order)
			if err != nil {
				return nil, fmt.Errorf("rest: %s %s: %w", method, path, err)
			}
			operations[method+" "+path] = op
		}
	}
	return operations, nil
}

func newOperation(path string, item *openapi3.PathItem, declared *openapi3.Operation, order map[string][]string) (*operation, error) {
	op := &operation{id: declared.OperationID, segments: strings.Split(path, "/")}
	if op.access = accessOf(declared.Security); op.access == denied {
		return nil, errors.New("security does not say who may call it")
	}
	ends, err := newDeprecation(declared)
	if err != nil {
		return nil, err
	}
	op.ends = ends
	for _, ref := range append(append(openapi3.Parameters{}, item.Parameters...), declared.Parameters...) {
		p, err := newParameter(ref.Value, op.segments)
		if err != nil {
			return nil, err
		}
		op.parameters = append(op.parameters, p)
	}
	sortByLocation(op.parameters)
	op.exists = item.Get != nil
	op.conditional = declared == item.Get || declared.Parameters.GetByInAndName(openapi3.ParameterInHeader, "If-Match") != nil
	if declared.RequestBody != nil {
		b, err := newBody(declared.RequestBody.Value, order)
		if err != nil {
			return nil, err
		}
		op.body = b
	}
	return op, op.readProof(declared)
}

// readProof reads which member of its form, if any, may prove who calls in place of an access token. Without that member the
// token is required, so the contract's optional token is not optional here.
func (op *operation) readProof(declared *openapi3.Operation) error {
	proof, given := declared.Extensions["x-proof"]
	if !given {
		return nil
	}
	name, isText := proof.(string)
	if !isText || op.access != optional || op.body == nil || !op.body.form || op.body.schema.Properties[name] == nil {
		return errors.New("x-proof names no member of a form that an optional token could be replaced by")
	}
	op.access, op.proof = secured, name
	return nil
}

// accessOf reads a security requirement. An operation that names none inherits nothing: it is denied. An empty requirement
// among others makes the token optional, never ignored.
func accessOf(security *openapi3.SecurityRequirements) access {
	if security == nil || len(*security) == 0 {
		return denied
	}
	var schemes, empty bool
	for _, requirement := range *security {
		schemes = schemes || len(requirement) > 0
		empty = empty || len(requirement) == 0
	}
	switch {
	case schemes && empty:
		return optional
	case schemes:
		return secured
	}
	return public
}

// joinListHeaders returns the request with the lines of each list in its header as one (RFC 9110, section 5.3), in valid UTF-8.
func (op *operation) joinListHeaders(r *http.Request) *http.Request {
	for _, p := range op.parameters {
		lines := r.Header.Values(p.name)
		if !p.list || len(lines) == 0 {
			continue
		}
		joined := strings.ToValidUTF8(strings.Join(lines, ", "), "\uFFFD")
		if len(lines) > 1 || joined != lines[0] {
			copied := *r
			copied.Header = r.Header.Clone()
			copied.Header.Set(p.name, joined)
			r = &copied
		}
	}
	return r
}

// check returns the request's content if it fits the contract, else everything that is wrong with it.
func (op *operation) check(w http.ResponseWriter, r *http.Request) (content, error) {
	var c content
	if op.body != nil {
		var err error
		if c, err = op.body.read(w, r); err != nil {
			return c, err
		}
	}
	query, err := url.ParseQuery(r.URL.RawQuery) // without semicolons: see withSemicolons
	if err != nil {
		return c, errQuery
	}
	callOf(r.Context()).query = query
	found := violations{form: c.form != nil}
	found.add(op.checkParameters(r, query)...)
	found.add(c.violations...)
	if len(found.fields) > 0 {
		return c, &found
	}
	return c, nil
}

// withContent returns the request with its body in memory.
func withContent(r *http.Request, c content) *http.Request {
	copied := *r
	copied.Body, copied.ContentLength = io.NopCloser(bytes.NewReader(c.raw)), int64(len(c.raw))
	if c.mediaType != "" {
		copied.Header = r.Header.Clone()
		copied.Header.Set("Content-Type", c.mediaType)
	}
	return &copied
}
