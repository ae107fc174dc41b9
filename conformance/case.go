package conformance

import (
	"context"
	"fmt"
	"net/http"
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

func validCase(name string, run func(*caseRun)) testCase {
	return testCase{name: name, level: levelOf(name), valid: true, run: run}
}

func invalidCase(name string, run func(*caseRun)) testCase {
	return testCase{name: name, level: levelOf(name), run: run}
}

// at returns the case at another level.
func (c testCase) at(level Level) testCase {
	c.level = level
	return c
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

// fail ends the case.
func (c *caseRun) fail(expected, actual string) {
	v := Violation{Cause: "expected " + causeOf(c.redact(expected)), Expected: c.redact(expected), Actual: c.redact(actual)}
	if c.last != nil {
		v.Curl, v.Pointer = c.last.curl, c.last.pointer
		if c.last.status > 0 {
			v.Cause += fmt.Sprintf(", answered %d", c.last.status)
		}
	}
	if c.preparing != "" {
		c.broken[c.preparing] = true
	}
	c.add(v)
	panic(caseEnd{})
}

// skip ends the case because it needs what another case does not get.
func (c *caseRun) skip(needed string) {
	panic(caseEnd{skipped: "needs " + needed + ", which fails"})
}

// add records a violation once for each case.
func (c *caseRun) add(v Violation) {
	for _, known := range c.violations {
		if known.Cause == v.Cause && known.Pointer == v.Pointer {
			return
		}
	}
	c.violations = append(c.violations, v)
}

// prepare runs an action whose result the case needs, and which another case tests. After it failed once, the cases that
// need it are skipped.
func (c *caseRun) prepare(needed string, action func()) {
	if c.broken[needed] && c.name != needed {
		c.skip(needed)
	}
	outer := c.preparing
	c.preparing = needed
	action()
	c.preparing = outer
}

// expect ends the case unless ok is true.
func (c *caseRun) expect(ok bool, expected string, actual any) {
	if !ok {
		c.fail(expected, fmt.Sprint(actual))
	}
}

// endIfReported ends the case if a violation with this cause is recorded for the operation of the latest request, so that
// it is not reported twice.
func (c *caseRun) endIfReported(cause string) {
	for _, v := range c.violations {
		if c.last != nil && c.last.pointer != "" && strings.HasPrefix(v.Pointer, c.last.pointer) && strings.HasPrefix(v.Cause, cause) {
			panic(caseEnd{})
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
	a.run.endIfReported(fmt.Sprintf("status %d is not declared", a.status))
	if a.status == http.StatusTooManyRequests {
		a.run.fail(fmt.Sprint(status), "429: the server throttles this client; try again in "+a.header.Get("Retry-After")+" s")
	}
	a.run.fail(fmt.Sprint(status), a.String())
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
		a.run.endIfReported(fmt.Sprintf("status %d is not declared", a.status))
		if a.status == status {
			a.run.endIfReported("Content-Type ")
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
		a.run.endIfReported("header " + name + " is missing")
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
