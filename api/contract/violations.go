package contract

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"example.com/postern/api"
)

// Violation is a difference between an answer and the contract. It does not repeat the body.
type Violation struct {
	Pointer string // place in the document, as a JSON pointer that continues through references; "" if it has none
	Message string
	Kind    ViolationKind
}

// ViolationKind is the origin of the rule that an answer breaks.
type ViolationKind int

const (
	// Undeclared is an answer that the document does not declare.
	Undeclared ViolationKind = iota
	// Mismatch is a problem whose status or identifier is not that of the answer. Mocks that send examples have it, too.
	Mismatch
	// Unprotected is a missing header that the document does not require, but every answer should have.
	Unprotected
)

// Check returns an error that joins all violations of an answer, or nil.
func (a *Answers) Check(r *http.Request, got *http.Response, body []byte) error {
	var all []error
	for _, v := range a.Violations(r, got, body) {
		all = append(all, errors.New(v.Message))
	}
	return errors.Join(all...)
}

// Violations returns every way in which an answer breaks the contract:
//   - its status, media type or body is not declared, or a header is missing or invalid
//   - its body has a member that the schema does not name
//   - it is an error, but not a problem (RFC 9457) with the status of the answer and the identifier of the request
//   - it lacks a security header
func (a *Answers) Violations(r *http.Request, got *http.Response, body []byte) (all []Violation) {
	op, known := a.operation(r)
	declared := op.byStatus[strconv.Itoa(got.StatusCode)]
	head := r.Method == http.MethodHead
	if known && declared == nil {
		all = append(all, Violation{Pointer: op.pointer, Message: fmt.Sprintf("status %d is not declared", got.StatusCode)})
	}
	if declared != nil {
		all = append(all, declared.checkHeader(got.Header)...)
	}
	all = append(all, checkRequiredHeaders(declared, got)...)
	if head {
		return all
	}
	if declared != nil {
		all = append(all, declared.checkBody(got.Header.Get("Content-Type"), body)...)
	}
	if got.StatusCode >= http.StatusBadRequest && (declared != nil || !known) {
		all = append(all, a.checkProblem(op, declared, got, body)...)
	}
	return all
}

// Pointer returns the place where the document declares the answers to a request, or "" if it declares none.
func (a *Answers) Pointer(r *http.Request) string {
	op, _ := a.operation(r)
	return op.pointer
}

// requiredHeaders lists the headers of every answer.
var requiredHeaders = []string{
	"X-Request-Id", "Cache-Control", "Content-Security-Policy",
	"Cross-Origin-Resource-Policy", "Referrer-Policy", "X-Content-Type-Options",
}

// checkRequiredHeaders checks the headers that every answer needs, even if the contract does not require them.
func checkRequiredHeaders(declared *declaredAnswer, got *http.Response) (all []Violation) {
	names := requiredHeaders
	if name := map[int]string{401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}[got.StatusCode]; name != "" {
		names = append(slices.Clone(names), name)
	}
	for _, name := range names {
		values := got.Header.Values(name)
		required := declared != nil && declared.headers[http.CanonicalHeaderKey(name)].required
		switch {
		case required && len(values) == 0: // reported with its place in the contract
		case len(values) == 0:
			all = append(all, Violation{Message: "header " + name + " is missing", Kind: Unprotected})
		case len(values) > 1 && name != "WWW-Authenticate" && name != "Allow" || values[0] == "":
			all = append(all, Violation{Message: "header " + name + " is empty or repeated", Kind: Unprotected})
		}
	}
	return all
}

// checkProblem checks an error. Its body is checked here only if the contract does not declare the answer.
func (a *Answers) checkProblem(op operationAnswers, declared *declaredAnswer, got *http.Response, body []byte) (all []Violation) {
	pointer := "#/components/schemas/Problem"
	grant := op.id == "CreateToken" && got.StatusCode == http.StatusBadRequest // RFC 6749, section 5.2
	if media, _, _ := mime.ParseMediaType(got.Header.Get("Content-Type")); declared == nil && media != "application/problem+json" {
		return []Violation{{Pointer: pointer, Message: fmt.Sprintf("Content-Type %q is not declared", media)}}
	}
	var problem struct {
		Status    int    `json:"status"`
		RequestID string `json:"request_id"`
	}
	if err := json.Unmarshal(body, &problem); err != nil {
		return []Violation{{Pointer: pointer, Message: "the problem is not a JSON object with a status and a request_id"}}
	}
	if declared == nil && !grant {
		all = checkMembers(pointer, a.problem, body)
	}
	if problem.Status != 0 && problem.Status != got.StatusCode ||
		problem.RequestID != "" && problem.RequestID != got.Header.Get("X-Request-Id") {
		all = append(all, Violation{
			Pointer: pointer, Message: "the problem has the status or identifier of another request", Kind: Mismatch,
		})
	}
	return all
}

func (d *declaredAnswer) checkHeader(header http.Header) (all []Violation) {
	for _, name := range slices.Sorted(maps.Keys(d.headers)) {
		field, values := d.headers[name], header[name]
		pointer := d.pointer + "/headers/" + field.name
		if len(values) == 0 {
			if field.required {
				all = append(all, Violation{Pointer: pointer, Message: "header " + field.name + " is missing"})
			}
		} else if found := field.rule.checkScalar(checkContext{}, strings.Join(values, ", ")); found != noFault {
			all = append(all, Violation{Pointer: pointer, Message: "header " + field.name + " " + found.Detail})
		}
	}
	return all
}

func (d *declaredAnswer) checkBody(contentType string, body []byte) []Violation {
	if len(d.content) == 0 {
		if len(body) > 0 {
			return []Violation{{Pointer: d.pointer, Message: "the answer has a body, but none is declared"}}
		}
		return nil
	}
	media, _, _ := mime.ParseMediaType(contentType)
	r := d.content[media]
	if r == nil {
		return []Violation{{Pointer: d.pointer + "/content", Message: fmt.Sprintf("Content-Type %q is not declared", media)}}
	}
	pointer := d.pointer + "/content/" + escapePointer(media) + "/schema"
	if media != MediaLines {
		return checkMembers(pointer, r, body)
	}
	var all []Violation
	for line := range bytes.Lines(body) {
		all = append(all, checkMembers(pointer, r, line)...)
	}
	return all
}

// MediaLines is the media type of newline-delimited JSON. The schema of such an answer describes each line.
const MediaLines = "application/x-ndjson"

// position is the number of an item of an array in a pointer.
var position = regexp.MustCompile(`/[0-9]+(/|$)`)

// checkMembers checks a body. It reports members with the same fault, and items of an array, as one violation.
func checkMembers(pointer string, r *rule, body []byte) (all []Violation) {
	found, err := checkJSON(body, r, checkContext{})
	if err != nil {
		return []Violation{{Pointer: pointer, Message: "the answer cannot be read: " + err.Error()}}
	}
	members := map[string][]string{} // pointers, by the detail of their fault
	for _, f := range found {
		if f.Code == api.FieldProblemCodeUnknown {
			f.Detail = "is not in the contract"
		}
		member := position.ReplaceAllString(*f.Pointer, "$1")
		if !slices.Contains(members[f.Detail], member) {
			members[f.Detail] = append(members[f.Detail], member)
		}
	}
	for _, detail := range slices.Sorted(maps.Keys(members)) {
		slices.Sort(members[detail])
		all = append(all, Violation{Pointer: pointer, Message: "member " + strings.Join(members[detail], ", ") + " " + detail})
	}
	return all
}
