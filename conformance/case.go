package conformance

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// testCase is one thing that a server must do.
type testCase struct {
	name string // OperationID/what, or Any/what; stable
	good bool   // whether what is asked for is to be granted
	run  func(*check)
}

func good(name string, run func(*check)) testCase { return testCase{name, true, run} }

func bad(name string, run func(*check)) testCase { return testCase{name, false, run} }

// check is a case that runs.
type check struct {
	*runner
	ctx  context.Context
	last *answer // of the newest request; nil before the first
}

// breach ends a case: it is what its methods panic with, as those of testing.T end a test.
type breach struct{ Failure }

// run returns what comes of a case.
func (r *runner) run(ctx context.Context, c testCase) (result Result) {
	began := time.Now()
	result.Name = c.name
	defer func() {
		result.Took = time.Since(began)
		if found := recover(); found != nil {
			failed, ok := found.(breach)
			if !ok {
				panic(found)
			}
			result.Failure = &failed.Failure
		}
	}()
	c.run(&check{runner: r, ctx: ctx})
	return result
}

// fail ends the case.
func (c *check) fail(expected, came string) {
	f := Failure{Expected: c.redact(expected), Came: c.redact(came)}
	if c.last != nil {
		f.Curl = c.last.curl
	}
	panic(breach{f})
}

// expect ends the case unless ok; came is printed as it is.
func (c *check) expect(ok bool, expected string, came any) {
	if !ok {
		c.fail(expected, fmt.Sprint(came))
	}
}

// equal ends the case unless both are printed alike.
func (c *check) equal(what string, expected, came any) {
	e, a := fmt.Sprintf("%v", expected), fmt.Sprintf("%v", came)
	c.expect(e == a, what+": "+shorten(e), what+": "+shorten(a))
}

// is ends the case unless the answer has this status. A 429 tells of the server's limits rather than of a breach, and how to
// go on.
func (a *answer) is(status int) *answer {
	if a.status == status {
		return a
	}
	if a.status == http.StatusTooManyRequests {
		a.check.fail(fmt.Sprint(status), "429: the server throttles this client; try again in "+a.header.Get("Retry-After")+" s")
	}
	a.check.fail(fmt.Sprint(status), a.String())
	return nil
}

// problem ends the case unless the answer is a problem with this status and code.
func (a *answer) problem(status int, code string) *answer {
	if a.status == http.StatusTooManyRequests {
		a.is(status)
	}
	if a.status != status || a.document().Code != code {
		a.check.fail(fmt.Sprintf("%d with the code %s", status, code), a.String())
	}
	return a
}

// invalid ends the case unless the answer is a 422 that names exactly these fields: "body /title required".
func (a *answer) invalid(fields ...string) {
	a.problem(http.StatusUnprocessableEntity, "validation")
	expected, came := strings.Join(fields, ", "), strings.Join(a.document().fields(), ", ")
	a.check.expect(came == expected, "422 that names "+expected, "422 that names "+came)
}

// has ends the case unless the answer has this value of a header.
func (a *answer) has(name, value string) *answer {
	came := a.header.Get(name)
	a.check.expect(came == value, name+": "+value, name+": "+came)
	return a
}

// tells ends the case unless the answer's problem has this detail.
func (a *answer) tells(detail string) *answer {
	came := a.document().Detail
	a.check.expect(came == detail, "the detail "+detail, "the detail "+came)
	return a
}

// hides ends the case if the answer repeats a value that the request had.
func (a *answer) hides(value string) *answer {
	a.check.expect(!strings.Contains(string(a.body), value), "an answer that does not repeat what was sent", a.String())
	return a
}
