package contract

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/postern/api"
)

// Access says who may call an operation.
type Access int

// Kinds of access. The zero value denies everybody.
const (
	Denied   Access = iota
	Public          // anyone; Authorization is ignored
	Optional        // anyone, but a bearer token must be good
	Secured         // only with a good bearer token
)

// Operation is a compiled operation.
type Operation struct {
	ID     string // operationId
	Access Access

	// Proof names the member of the form that may replace the access token. It is empty if none may.
	TokenMember string

	// Readable reports whether what is at the operation's path can be read with GET.
	Readable bool

	// Deprecated reports whether the operation is on its way out.
	Deprecated bool

	extensions map[string]jsontext.Value
	parameters []parameter
	body       *body // nil if it takes none
}

func (c *compiler) operation(path string, item pathSpec, declared *operationSpec) (*Operation, error) {
	op := &Operation{ID: declared.OperationID, Readable: item.Get != nil, Deprecated: declared.Deprecated, extensions: declared.Others}
	if op.Access = accessOf(declared.Security); op.Access == Denied {
		return nil, errors.New("security does not say who may call it")
	}
	for _, one := range slices.Concat(item.Parameters, declared.Parameters) {
		p, err := c.parameter(path, one)
		if err != nil {
			return nil, err
		}
		op.parameters = append(op.parameters, p)
	}
	sortByLocation(op.parameters)
	if declared.RequestBody != nil {
		b, err := c.body(declared.RequestBody)
		if err != nil {
			return nil, err
		}
		op.body = b
	}
	return op, op.readTokenMember()
}

// readTokenMember reads the extension x-proof: the member of the form that may replace the access token. Without it the token is
// required, so an operation that the document calls optional is not.
func (op *Operation) readTokenMember() error {
	name, given := op.Extension("x-proof")
	if !given {
		return nil
	}
	if op.Access != Optional || op.body == nil || !op.body.form || op.body.rule.members[name] == nil {
		return errors.New("x-proof names no member of a form that could replace an optional token")
	}
	op.Access, op.TokenMember = Secured, name
	return nil
}

// Extension returns the text of an extension such as "x-sunset", and reports whether the operation has it.
func (op *Operation) Extension(name string) (text string, given bool) {
	value, given := op.extensions[name]
	_ = json.Unmarshal(value, &text) // what is no text is empty
	return text, given
}

// accessOf reads a security requirement. An operation without one inherits nothing: it is denied. An empty requirement among
// others makes the token optional, but a token that is there must be good.
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

// BodyLimit returns how many octets a body of the operation may have.
func (op *Operation) BodyLimit() int64 {
	if op.body == nil {
		return 0
	}
	return op.body.limit
}

// Read returns what the request brings, if it fits the contract. Otherwise it returns a *[Refusal] or an *[Invalid]. The
// request must have been matched by a mux that knows its path parameters.
func (op *Operation) Read(w http.ResponseWriter, r *http.Request) (api.Input, error) {
	in := api.Input{Header: op.joinListHeaders(r.Header)}
	query, queryErr := url.Values(nil), error(nil)
	if r.URL.RawQuery != "" {
		query, queryErr = parseQuery(r.URL.RawQuery)
	}
	in.Query = query
	var members []api.FieldProblem
	if op.body != nil {
		var err error
		if members, err = op.body.read(w, r, &in); err != nil {
			return in, err
		}
	}
	if queryErr != nil {
		return in, &Refusal{Kind: ErrMalformed, Message: "The query string is not valid."}
	}
	found := append(op.checkParameters(checkContext{r, in.Query}, in.Header), members...)
	if len(found) > 0 {
		return in, &Invalid{Fields: found, Form: in.Form != nil}
	}
	return in, nil
}

// joinListHeaders returns the header with the lines of each list that the operation takes joined (RFC 9110, section 5.3), in valid
// UTF-8.
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

// DeclaresHeader reports whether the operation declares a header parameter.
func (op *Operation) DeclaresHeader(name string) bool {
	return slices.ContainsFunc(op.parameters, func(p parameter) bool { return p.in == api.FieldLocationHeader && p.name == name })
}
