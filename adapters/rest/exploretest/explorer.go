// Package exploretest draws requests from the contract, good and bad ones, sends them to a handler, and tells what its answers
// break. It is seeded: the same seed, steps and handler make the same requests.
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

// Finding is an answer that should not have been given.
type Finding struct {
	Step int
	What string // such as "accepted invalid input: body without title"
	Curl string // the request; $URL and $TOKEN stand for what differs from run to run
}

// String implements [fmt.Stringer].
func (f Finding) String() string { return fmt.Sprintf("step %d: %s\n  %s", f.Step, f.What, f.Curl) }

// maxFindings ends an exploration: beyond it, the rest is more of the same.
const maxFindings = 5

// maxForm is how many octets a form has at most, which the contract says in words.
const maxForm = 16 << 10

// Report is what an exploration found, and what it has tried: how often each operation gave each status.
type Report struct {
	Findings []Finding
	Statuses map[string]map[int]int
	Invalid  map[string]int // how often each way to be wrong was tried
}

// Explore sends steps requests to handler, one after the other.
func Explore(handler http.Handler, spec *openapi3.T, answers *contract.Answers, seed uint64, steps int) Report {
	e := &explorer{
		Rand: rand.New(rand.NewPCG(seed, 0)), handler: handler, checker: answers,
		report: Report{Statuses: map[string]map[int]int{}, Invalid: map[string]int{}},
	}
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			e.operations = append(e.operations, &operation{Operation: op, method: method, path: path, parameters: slices.Concat(item.Parameters, op.Parameters)})
		}
	}
	slices.SortFunc(e.operations, func(a, b *operation) int { return strings.Compare(a.OperationID, b.OperationID) })
	for e.step = range steps {
		e.take(e.draw())
		if len(e.report.Findings) >= maxFindings {
			break
		}
	}
	return e.report
}

type operation struct {
	*openapi3.Operation
	method, path string
	parameters   openapi3.Parameters
}

func (o *operation) secured() (required, possible bool) {
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
	checker    *contract.Answers
	operations []*operation
	report     Report
	step       int
	world      world
}

// weights are how often an operation is drawn, where that is not usual times: what others follow on more, what ends things less.
var weights = map[string]int{
	"CreateUser": 6, "Login": 12, "CreatePost": 24, "GetPost": 16, "ListPosts": 10, "UpdatePost": 12, "PatchPost": 12, "CreateToken": 8,
	"DeleteCurrentUser": 1, "EndOtherSessions": 2, "Logout": 3, "GetHealth": 1, "GetReadiness": 1, "GetKeys": 1,
}

const usual = 4

func (o *operation) weight() int {
	if w := weights[o.OperationID]; w > 0 {
		return w
	}
	return usual
}

// draw returns a request that keeps the contract, or, half of the time, one that breaks it in one way.
func (e *explorer) draw() *request {
	total := 0
	for _, op := range e.operations {
		total += op.weight()
	}
	at := e.IntN(total)
	for _, op := range e.operations {
		if at -= op.weight(); at < 0 {
			r := e.validRequest(op)
			if e.IntN(2) == 0 {
				e.spoil(r)
			}
			return r
		}
	}
	panic("no operation was drawn")
}

// take sends a request, judges its answer, and remembers what has changed.
func (e *explorer) take(r *request) {
	sent := r.http()
	if r.octets > maxForm && r.isForm() && r.wrong == "" {
		r.wrong = "too large a form"
	}
	answer := httptest.NewRecorder()
	e.handler.ServeHTTP(answer, sent)
	statuses := e.report.Statuses[r.op.OperationID]
	if statuses == nil {
		statuses = map[int]int{}
		e.report.Statuses[r.op.OperationID] = statuses
	}
	statuses[answer.Code]++
	if r.wrong != "" {
		e.report.Invalid[r.wrong]++
	}
	for _, what := range e.judge(r, sent, answer) {
		e.report.Findings = append(e.report.Findings, Finding{e.step, r.op.OperationID + ": " + what, r.curl()})
	}
	e.world.learn(r, answer)
}

func pick[T any](e *explorer, from []T) T { return from[e.IntN(len(from))] }
