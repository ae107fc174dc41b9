package contract

import (
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"example.com/postern/api"
)

// Answers holds the rules of a document for answers. It is safe for concurrent use.
type Answers struct {
	routes     *http.ServeMux
	operations map[string]operationAnswers // by pattern
	problem    *rule
}

// operationAnswers holds the declared answers of an operation.
type operationAnswers struct {
	id       string
	byStatus map[string]*declaredAnswer
}

// declaredAnswer is the answer that an operation declares for one status.
type declaredAnswer struct {
	headers map[string]declaredHeader
	content map[string]*rule // by media type
}

type declaredHeader struct {
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
			if a.operations[pattern], err = c.operationAnswers(declared); err != nil {
				return nil, fmt.Errorf("contract: %s: %w", pattern, err)
			}
		}
	}
	return a, nil
}

func (c *compiler) operationAnswers(declared *operationSpec) (operationAnswers, error) {
	op := operationAnswers{id: declared.OperationID, byStatus: map[string]*declaredAnswer{}}
	for status, own := range declared.Responses.values {
		response, err := resolve(own.Ref, "responses", c.document.Components.Responses, own)
		if err != nil {
			return op, err
		}
		if op.byStatus[status], err = c.declaredAnswer(response); err != nil {
			return op, fmt.Errorf("%s: %w", status, err)
		}
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
		a.headers[http.CanonicalHeaderKey(name)] = declaredHeader{header.Required, r}
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

// Check returns an error if an answer breaks the contract:
//   - its status, media type or body is not declared, or a header is missing or invalid
//   - its body has a member that the schema does not name
//   - it is an error, but not a problem (RFC 9457) with the status of the answer and the identifier of the request
//   - it lacks a security header
//
// The error does not repeat the body.
func (a *Answers) Check(r *http.Request, got *http.Response, body []byte) error {
	if err := checkRequiredHeaders(got); err != nil {
		return err
	}
	op, known := a.operation(r)
	head := r.Method == http.MethodHead
	if got.StatusCode >= http.StatusBadRequest && !head {
		if err := a.checkProblem(op, known, got, body); err != nil {
			return err
		}
	}
	if !known {
		return nil
	}
	declared := op.byStatus[strconv.Itoa(got.StatusCode)]
	if declared == nil {
		return fmt.Errorf("status %d is not declared", got.StatusCode)
	}
	if err := declared.checkHeader(got.Header); err != nil || head {
		return err
	}
	return declared.checkBody(got.Header.Get("Content-Type"), body)
}

// requiredHeaders lists the headers of every answer.
var requiredHeaders = []string{"X-Request-Id", "Cache-Control", "Content-Security-Policy", "Cross-Origin-Resource-Policy", "Referrer-Policy", "X-Content-Type-Options"}

func checkRequiredHeaders(got *http.Response) error {
	for _, name := range requiredHeaders {
		if values := got.Header.Values(name); len(values) != 1 || values[0] == "" {
			return fmt.Errorf("header %s occurs %d times", name, len(values))
		}
	}
	required := map[int]string{401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}[got.StatusCode]
	if required != "" && got.Header.Get(required) == "" {
		return fmt.Errorf("header %s is missing", required)
	}
	return nil
}

func (a *Answers) checkProblem(op operationAnswers, known bool, got *http.Response, body []byte) error {
	wanted := "application/problem+json"
	grant := op.id == "CreateToken" && got.StatusCode == http.StatusBadRequest
	if grant {
		wanted = mediaJSON // RFC 6749, section 5.2; the body has the members of a problem as well
	}
	if media, _, _ := mime.ParseMediaType(got.Header.Get("Content-Type")); media != wanted {
		return fmt.Errorf("an error has the media type %q instead of %s", media, wanted)
	}
	var problem struct {
		Status    int    `json:"status"`
		RequestID string `json:"request_id"`
	}
	if err := json.Unmarshal(body, &problem); err != nil {
		return errors.New("the problem is not a JSON object")
	}
	if problem.Status != got.StatusCode || problem.RequestID != got.Header.Get("X-Request-Id") {
		return errors.New("the problem has the status or identifier of another request")
	}
	if grant || known && op.byStatus[strconv.Itoa(got.StatusCode)] != nil {
		return nil // checked as a declared answer
	}
	return checkMembers(a.problem, body)
}

func (d *declaredAnswer) checkHeader(header http.Header) error {
	for _, name := range slices.Sorted(maps.Keys(d.headers)) {
		field, values := d.headers[name], header[name]
		switch {
		case len(values) == 0 && field.required:
			return fmt.Errorf("header %s is missing", name)
		case len(values) == 0:
			continue
		}
		if found := field.rule.checkScalar(checkContext{}, strings.Join(values, ", ")); found != noFault {
			return fmt.Errorf("header %s %s", name, found.Detail)
		}
	}
	return nil
}

func (d *declaredAnswer) checkBody(contentType string, body []byte) error {
	if len(d.content) == 0 {
		if len(body) > 0 {
			return fmt.Errorf("the body has %d bytes, but none is declared", len(body))
		}
		return nil
	}
	media, _, _ := mime.ParseMediaType(contentType)
	r := d.content[media]
	if r == nil {
		return fmt.Errorf("Content-Type %q is not declared", media)
	}
	return checkMembers(r, body)
}

func checkMembers(r *rule, body []byte) error {
	found, err := checkJSON(body, r, checkContext{})
	if err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	if len(found) == 0 {
		return nil
	}
	texts := make([]string, 0, maxLogged)
	for _, f := range found[:min(len(found), maxLogged)] {
		if f.Code == api.FieldProblemCodeUnknown {
			f.Detail = "is not in the contract"
		}
		texts = append(texts, "member "+*f.Pointer+" "+f.Detail)
	}
	return errors.New(strings.Join(texts, "; "))
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
