package conformance

import (
	"context"
	"iter"
	"maps"
	"slices"
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
		result = Result{Name: c.name, Level: c.level, Took: time.Since(began), Violations: running.violations}
		if !result.Failed() {
			result.Skipped = end.skipped
		}
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

// add records a violation once for each case. While the case prepares something, add ignores violations that an earlier case
// has reported, because this case does not test them.
func (c *caseRun) add(v Violation) {
	at := place{v.Cause, v.Pointer}
	known := slices.ContainsFunc(c.violations, func(w Violation) bool { return at == place{w.Cause, w.Pointer} })
	if known || c.preparing != "" && c.reported[at] {
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
