package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Answers holds the compiled rules of a document for answers. It is safe for concurrent use.
type Answers struct {
	routes     *http.ServeMux
	operations map[string]operationAnswers // by pattern
	problem    *rule
}

// operationAnswers holds the declared answers of an operation.
type operationAnswers struct {
	id       string
	pointer  string // such as "#/paths/~1posts/get/responses"
	byStatus map[string]*declaredAnswer
}

// declaredAnswer is the answer that an operation declares for one status.
type declaredAnswer struct {
	pointer string
	headers map[string]declaredHeader
	content map[string]*rule // by media type
}

type declaredHeader struct {
	name     string // as the document writes it
	required bool
	rule     *rule
}

// NewAnswers compiles the rules for answers of a JSON document.
func NewAnswers(text []byte) (*Answers, error) {
	d, err := parse(text)
	if err != nil {
		return nil, err
	}
	c := newCompiler(d, nil)
	c.answers = true
	a := &Answers{routes: http.NewServeMux(), operations: map[string]operationAnswers{}}
	if a.problem, err = c.rule(&schemaSpec{Ref: "#/components/schemas/Problem"}); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	for path, item := range d.Paths.values {
		for method, declared := range item.operations() {
			pattern := method + " " + path
			a.routes.Handle(pattern, http.NotFoundHandler())
			if a.operations[pattern], err = c.operationAnswers(path, method, declared); err != nil {
				return nil, fmt.Errorf("contract: %s: %w", pattern, err)
			}
		}
	}
	return a, nil
}

func (c *compiler) operationAnswers(path, method string, declared *operationSpec) (operationAnswers, error) {
	pointer := "#/paths/" + escapePointer(path) + "/" + strings.ToLower(method) + "/responses"
	op := operationAnswers{id: declared.OperationID, pointer: pointer, byStatus: map[string]*declaredAnswer{}}
	for status, own := range declared.Responses.values {
		response, err := resolve(own.Ref, "responses", c.document.Components.Responses, own)
		if err != nil {
			return op, err
		}
		if op.byStatus[status], err = c.declaredAnswer(response); err != nil {
			return op, fmt.Errorf("%s: %w", status, err)
		}
		op.byStatus[status].pointer = pointer + "/" + status
	}
	return op, nil
}

func (c *compiler) declaredAnswer(declared responseSpec) (*declaredAnswer, error) {
	a := &declaredAnswer{headers: map[string]declaredHeader{}, content: map[string]*rule{}}
	for name, own := range declared.Headers.values {
		header, err := resolve(own.Ref, "headers", c.document.Components.Headers, own)
		if err != nil {
			return nil, err
		}
		r, err := c.rule(header.Schema)
		if err != nil {
			return nil, fmt.Errorf("header %s: %w", name, err)
		}
		a.headers[http.CanonicalHeaderKey(name)] = declaredHeader{name, header.Required, r}
	}
	for media, content := range declared.Content.values {
		r, err := c.rule(content.Schema)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", media, err)
		}
		a.content[media] = r
	}
	return a, nil
}

// operation returns the operation of a request, and reports whether the contract has one.
func (a *Answers) operation(r *http.Request) (operationAnswers, bool) {
	target := r.URL.Path
	if len(target) > 1 {
		target = strings.TrimSuffix(target, "/")
	}
	if path.Clean(target) != target || strings.Contains(strings.ToLower(r.URL.RawPath), "%2f") {
		return operationAnswers{}, false
	}
	_, pattern := a.routes.Handler(&http.Request{Method: r.Method, Host: r.Host, URL: &url.URL{Path: target}})
	op, known := a.operations[pattern]
	return op, known
}
