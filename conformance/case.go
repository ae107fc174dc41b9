package conformance

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// testCase is a test of one promise of the contract.
type testCase struct {
	name  string // OperationID/topic or Any/topic; never changes
	level Level
	valid bool // the server must accept the request
	run   func(*caseRun)
}

// validCase returns a case at the level behaviour that sends valid requests.
func validCase(name string, run func(*caseRun)) testCase {
	return testCase{name: name, level: Behaviour, valid: true, run: run}
}

// invalidCase returns a case at the level behaviour that sends requests that the server must refuse.
func invalidCase(name string, run func(*caseRun)) testCase {
	return testCase{name: name, level: Behaviour, run: run}
}

// at returns the case at another level.
func (c testCase) at(level Level) testCase {
	c.level = level
	return c
}

// sorted returns the entries of a map in the order of the keys, so that every run sends the same requests.
func sorted[V any](entries map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			if !yield(key, entries[key]) {
				return
			}
		}
	}
}

// caseRun is a running case. Its methods end the case if an expectation fails.
type caseRun struct {
	*runner
	ctx        context.Context
	name       string
	last       *answer // of the latest request; nil before the first
	violations []Violation
	preparing  string // the case that tests what this case is preparing; "" if it prepares nothing
}

// caseEnd is the panic value that ends a case. A case that is skipped has a reason.
type caseEnd struct{ skipped string }

// run runs a case and returns its result.
func (r *runner) run(ctx context.Context, c testCase) (result Result) {
	began := time.Now()
	running := &caseRun{runner: r, ctx: ctx, name: c.name}
	defer func() {
		found := recover()
		end, expected := found.(caseEnd)
		if found != nil && !expected {
			panic(found)
		}
		result.Skipped = end.skipped
		result.Name, result.Level, result.Took, result.Violations = c.name, c.level, time.Since(began), running.violations
	}()
	c.run(running)
	return result
}

// fail ends the case with a violation. Violations of the same expectation have the same cause.
func (c *caseRun) fail(expected, actual string) {
	c.failBecause("expected "+expected, expected, actual)
}

func (c *caseRun) failBecause(cause, expected, actual string) {
	v := Violation{Cause: causeOf(c.redact(cause)), Expected: c.redact(expected), Actual: c.redact(actual)}
	if c.last != nil {
		v.Curl, v.Pointer = c.last.curl, c.last.pointer
	}
	c.add(v)
	c.end()
}

// end ends the case after a violation. A case that was preparing something is skipped.
func (c *caseRun) end() {
	if c.preparing == "" {
		c.broken[c.name] = true
		panic(caseEnd{})
	}
	c.broken[c.preparing] = true
	c.skipWithout(c.preparing)
}

func (c *caseRun) skipWithout(needed string) { c.skip("it needs " + needed + ", which fails") }

// skip ends the case, which cannot check anything more.
func (c *caseRun) skip(reason string) { panic(caseEnd{skipped: reason}) }

// place is the place of a cause.
type place struct{ cause, pointer string }

// add records a violation once for each case. What an earlier case has reported is not recorded while the case prepares
// something: the case does not test it.
func (c *caseRun) add(v Violation) {
	at := place{v.Cause, v.Pointer}
	for _, known := range c.violations {
		if at == (place{known.Cause, known.Pointer}) {
			return
		}
	}
	if c.preparing != "" && c.reported[at] {
		return
	}
	c.reported[at] = true
	c.violations = append(c.violations, v)
}

// prepare runs an action whose result the case needs, and which another case tests. After it failed once, the cases that
// need it are skipped. The functions that prepare something call it, so no case has to declare what it needs.
func (c *caseRun) prepare(needed string, action func()) {
	if needed == c.name {
		action()
		return
	}
	if c.broken[needed] {
		c.skipWithout(needed)
	}
	c.preparing = needed
	action()
	c.preparing = ""
}

// expect ends the case unless ok is true.
func (c *caseRun) expect(ok bool, expected string, actual any) {
	if !ok {
		c.fail(expected, fmt.Sprint(actual))
	}
}

// endIfReported ends the case if the answer has a violation of this kind whose cause contains the text, so that the
// consequences are not reported as well.
func (a *answer) endIfReported(about kind, text string) {
	for _, v := range a.violations {
		if v.kind == about && strings.Contains(v.Cause, text) {
			a.run.end()
		}
	}
}

// expectEqual ends the case unless both values have the same printed form.
func (c *caseRun) expectEqual(what string, expected, actual any) {
	e, a := fmt.Sprintf("%v", expected), fmt.Sprintf("%v", actual)
	c.expect(e == a, what+": "+shorten(e), what+": "+shorten(a))
}

// expectStatus ends the case unless the answer has this status. The failure for a 429 explains that the server
// throttles the client.
func (a *answer) expectStatus(status int) *answer {
	if a.status == status {
		return a
	}
	a.endIfReported(kindBehaviour, "")
	if a.status == http.StatusTooManyRequests {
		a.run.fail(fmt.Sprint(status), "429: the server throttles this client; try again in "+a.header.Get("Retry-After")+" s")
	}
	a.run.failBecause(fmt.Sprintf("expected %d, answered %d", status, a.status), fmt.Sprint(status), a.String())
	return nil
}

// expectSuccess ends the case unless the answer is a 2xx. A wrong 2xx is reported as an undeclared status.
func (a *answer) expectSuccess() *answer {
	if a.status/100 != 2 {
		a.expectStatus(http.StatusOK)
	}
	return a
}

// expectProblem ends the case unless the answer is a problem with this status and code.
func (a *answer) expectProblem(status int, code string) *answer {
	if a.status == http.StatusTooManyRequests {
		a.expectStatus(status)
	}
	if a.status != status || a.decodeProblem().Code != code {
		a.run.last = a
		a.endIfReported(kindBehaviour, "")
		if a.status == status {
			a.endIfReported(kindBody, "")
		}
		a.run.fail(fmt.Sprintf("%d with the code %s", status, code), a.String())
	}
	return a
}

// expectInvalid ends the case unless the answer is a 422 that names exactly these fields, such as "body /title required".
func (a *answer) expectInvalid(fields ...string) {
	a.expectProblem(http.StatusUnprocessableEntity, "validation")
	expected, actual := strings.Join(fields, ", "), strings.Join(a.decodeProblem().fields(), ", ")
	a.run.expect(actual == expected, "422 that names "+expected, "422 that names "+actual)
}

// expectHeader ends the case unless the answer has this value of a header.
func (a *answer) expectHeader(name, value string) *answer {
	actual := a.header.Get(name)
	if actual != value {
		a.endIfReported(kindHeader, "header "+name+" ")
	}
	a.run.expect(actual == value, name+": "+value, name+": "+actual)
	return a
}

// expectDetail ends the case unless the answer's problem has this detail.
func (a *answer) expectDetail(detail string) *answer {
	actual := a.decodeProblem().Detail
	a.run.expect(actual == detail, "the detail "+detail, "the detail "+actual)
	return a
}

// expectNotRepeated ends the case if the answer contains a value from the request.
func (a *answer) expectNotRepeated(value string) *answer {
	a.run.expect(!strings.Contains(string(a.body), value), "an answer that does not repeat the value", a.String())
	return a
}
