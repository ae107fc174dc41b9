package contract

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"example.com/postern/api"
)

// Access states who may call an operation.
type Access int

// Kinds of access. The zero value denies everyone.
const (
	Denied   Access = iota
	Public          // everyone; Authorization is ignored
	Optional        // everyone, but a bearer token must be valid
	Secured         // only callers with a valid bearer token
)

// Operation is a compiled operation.
type Operation struct {
	ID     string // operationId
	Access Access

	// TokenMember names the form member that may replace the access token (extension x-proof). It is usually empty.
	TokenMember string

	// Readable reports whether the path of the operation supports GET.
	Readable bool

	Deprecated   bool
	DeprecatedAt string // extension x-deprecated-at
	Sunset       string // extension x-sunset

	parameters []parameter
	body       *body // nil if the operation takes no body
}

func (c *compiler) operation(path string, item pathSpec, declared *operationSpec) (*Operation, error) {
	op := &Operation{ID: declared.OperationID, Readable: item.Get != nil,
		Deprecated: declared.Deprecated, DeprecatedAt: declared.DeprecatedAt, Sunset: declared.Sunset}
	if op.Access = accessOf(declared.Security); op.Access == Denied {
		return nil, errors.New("security does not state who may call it")
	}
	for _, parameter := range slices.Concat(item.Parameters, declared.Parameters) {
		p, err := c.parameter(path, parameter)
		if err != nil {
			return nil, err
		}
		op.parameters = append(op.parameters, p)
	}
	if declared.RequestBody != nil {
		var err error
		if op.body, err = c.body(declared.RequestBody); err != nil {
			return nil, err
		}
	}
	return op, op.setTokenMember(declared.TokenMember)
}

// setTokenMember sets the member of the form that may replace the access token. The document declares the token of such an
// operation as optional, but a request needs the token or the member.
func (op *Operation) setTokenMember(name string) error {
	if name == "" {
		return nil
	}
	if op.Access != Optional || op.body == nil || !op.body.form || op.body.rule.members[name] == nil {
		return errors.New("x-proof must name a member of a form, and the token must be optional")
	}
	op.Access, op.TokenMember = Secured, name
	return nil
}

// accessOf returns the access that security requirements grant. An operation inherits no requirements: without its own,
// access is denied. An empty requirement among others makes the token optional.
func accessOf(security []map[string][]string) Access {
	var schemes, empty bool
	for _, requirement := range security {
		schemes = schemes || len(requirement) > 0
		empty = empty || len(requirement) == 0
	}
	switch {
	case schemes && empty:
		return Optional
	case schemes:
		return Secured
	case empty:
		return Public
	}
	return Denied
}

// BodyLimit returns the maximum length of a body, in bytes.
func (op *Operation) BodyLimit() int64 {
	if op.body == nil {
		return 0
	}
	return op.body.limit
}

// Read reads a request and checks it against the contract. It returns a *[Refusal] if the request cannot be read, and an
// *[Invalid] if its fields break the contract. An [http.ServeMux] must have set the path parameters.
func (op *Operation) Read(w http.ResponseWriter, r *http.Request) (api.Input, error) {
	in := api.Input{Header: op.joinListHeaders(r.Header)}
	var queryErr, bodyErr error
	if r.URL.RawQuery != "" {
		in.Query, queryErr = parseQuery(r.URL.RawQuery)
	}
	var members []api.FieldProblem
	if op.body != nil {
		members, bodyErr = op.body.read(w, r, &in)
	}
	switch {
	case bodyErr != nil:
		return in, bodyErr
	case queryErr != nil:
		return in, &Refusal{Kind: ErrMalformed, Message: "The query string is not valid."}
	}
	found := append(op.checkParameters(checkContext{r, in.Query}, in.Header), members...)
	if len(found) > 0 {
		return in, &Invalid{Fields: found, Form: in.Form != nil}
	}
	return in, nil
}

// joinListHeaders returns the header with the lines of each declared list joined (RFC 9110, section 5.3). Invalid UTF-8
// in them is replaced.
func (op *Operation) joinListHeaders(header http.Header) http.Header {
	for _, p := range op.parameters {
		lines := header[p.name]
		if p.in != api.FieldLocationHeader || !p.rule.format.List || len(lines) == 0 {
			continue
		}
		if joined := strings.ToValidUTF8(strings.Join(lines, ", "), "\uFFFD"); len(lines) > 1 || joined != lines[0] {
			header = header.Clone()
			header[p.name] = []string{joined}
		}
	}
	return header
}

// DeclaresHeader reports whether the operation has a header parameter with the name.
func (op *Operation) DeclaresHeader(name string) bool {
	return op.declares(api.FieldLocationHeader, name)
}
