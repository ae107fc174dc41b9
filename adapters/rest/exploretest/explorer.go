// Package exploretest sends random requests, valid and invalid ones, to a handler and checks the answers. The requests
// are generated from the contract. The same seed, steps and handler always give the same requests.
package exploretest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/postern/api/contract"
)

// Finding describes a wrong answer.
type Finding struct {
	step    int
	message string // such as "accepted invalid input: body without title"
	curl    string // sends the request again; needs $URL and $TOKEN
}

// String implements [fmt.Stringer].
func (f Finding) String() string { return fmt.Sprintf("step %d: %s\n  %s", f.step, f.message, f.curl) }

// maxFindings is the number of findings after which an exploration stops.
const maxFindings = 5

// maxFormBody is the maximum length of a form, in bytes. The contract states it in descriptions only.
const maxFormBody = 16 << 10

// Report is the result of an exploration.
type Report struct {
	Findings []Finding
	Statuses map[string]map[int]int // how often each operation returned each status
	Invalid  map[string]int         // how often each violation of the contract was tried
}

// Explore sends a sequence of requests to handler, as many as steps. If until is not empty, Explore stops at the first
// finding that contains it.
func Explore(handler http.Handler, spec *openapi3.T, answers *contract.Answers, seed uint64, steps int, until string) Report {
	e := &explorer{
		Rand: rand.New(rand.NewPCG(seed, 0)), handler: handler, answers: answers,
		report: Report{Statuses: map[string]map[int]int{}, Invalid: map[string]int{}},
	}
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			e.operations = append(e.operations, &operation{Operation: op, method: method, path: path, parameters: slices.Concat(item.Parameters, op.Parameters)})
		}
	}
	slices.SortFunc(e.operations, func(a, b *operation) int { return strings.Compare(a.OperationID, b.OperationID) })
	for e.step = range steps {
		e.send(e.drawRequest())
		if len(e.report.Findings) >= maxFindings || until != "" && e.found(until) {
			break
		}
	}
	return e.report
}

func (e *explorer) found(text string) bool {
	return slices.ContainsFunc(e.report.Findings, func(f Finding) bool { return strings.Contains(f.String(), text) })
}

type operation struct {
	*openapi3.Operation
	method, path string
	parameters   openapi3.Parameters
}

// tokenUse reports whether the operation requires an access token, and whether it accepts one.
func (o *operation) tokenUse() (required, possible bool) {
	required = true
	for _, requirement := range *o.Security {
		possible = possible || len(requirement) > 0
		required = required && len(requirement) > 0
	}
	return required, possible
}

type explorer struct {
	*rand.Rand
	handler    http.Handler
	answers    *contract.Answers
	operations []*operation
	report     Report
	step       int
	model      model
}

// weights are the relative frequencies of operations that differ from defaultWeight. Operations that create something
// are more frequent, and operations that delete something are rarer.
var weights = map[string]int{
	"CreateUser": 6, "Login": 12, "CreatePost": 24, "GetPost": 16, "ListPosts": 10, "UpdatePost": 12, "PatchPost": 12, "CreateToken": 8,
	"DeleteCurrentUser": 1, "EndOtherSessions": 2, "Logout": 5, "RequestPasswordReset": 2, "CompletePasswordReset": 2,
	"RequestEmailVerification": 2, "CompleteEmailVerification": 2, "GetHealth": 1, "GetReadiness": 1, "GetKeys": 1,
}

const defaultWeight = 4

func (o *operation) weight() int {
	if w := weights[o.OperationID]; w > 0 {
		return w
	}
	return defaultWeight
}

// drawRequest returns a random request. Half of the requests violate the contract in one way.
func (e *explorer) drawRequest() *request {
	total := 0
	for _, op := range e.operations {
		total += op.weight()
	}
	at := e.IntN(total)
	for _, op := range e.operations {
		if at -= op.weight(); at < 0 {
			r := e.validRequest(op)
			if e.IntN(2) == 0 {
				e.mutateRequest(r)
			}
			return r
		}
	}
	panic("no operation was drawn")
}

// send sends a request, checks the answer and updates the model.
func (e *explorer) send(r *request) {
	sent := r.http()
	if r.bodyLength > maxFormBody && r.isForm() && r.violation == "" {
		r.violation = "form too large"
	}
	answer := httptest.NewRecorder()
	e.handler.ServeHTTP(answer, sent)
	statuses := e.report.Statuses[r.op.OperationID]
	if statuses == nil {
		statuses = map[int]int{}
		e.report.Statuses[r.op.OperationID] = statuses
	}
	statuses[answer.Code]++
	if r.violation != "" {
		e.report.Invalid[r.violation]++
	}
	for _, fault := range e.checkAnswer(r, sent, answer) {
		e.report.Findings = append(e.report.Findings, Finding{e.step, r.op.OperationID + ": " + fault, r.curl()})
	}
	e.model.update(r, answer)
}

func choose[T any](e *explorer, from []T) T { return from[e.IntN(len(from))] }
