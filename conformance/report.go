package conformance

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Report is the result of a run.
type Report struct {
	Target  string
	Level   Level
	Began   time.Time
	Took    time.Duration
	Results []Result
}

// Result is the result of a case. It passed if it has no violations and was not skipped.
type Result struct {
	Name       string // such as "GetPost/reads"; the name of a case never changes
	Level      Level
	Took       time.Duration
	Violations []Violation
	Skipped    string // why the case did not run to its end; empty if it did, or failed
}

// Violation describes how a server breaks the contract. Its texts contain no passwords and no tokens.
type Violation struct {
	Pointer  string // place in openapi.yaml, such as "#/paths/~1users/post/responses/201/headers/Location"; may be empty
	Cause    string // the same for all violations with the same cause
	Expected string
	Actual   string
	Curl     string // command that sends the request again, without its secrets; may be empty

	kind kind
}

// kind is the subject of a violation. The report lists the kinds in this order.
type kind int

const (
	kindBehaviour kind = iota // what the server does, and the status
	kindOperation             // the server does not have the operation
	kindBody
	kindHeader
)

// Cause groups the violations that have the same cause.
type Cause struct {
	Cause    string   `json:"cause"`
	Pointers []string `json:"pointers"` // all places in the contract
	Expected string   `json:"expected"` // this and the next two are those of the first violation
	Actual   string   `json:"actual"`
	Curl     string   `json:"curl"`
	Cases    []string `json:"cases"`

	kind kind
}

// Failed reports whether the server broke the contract.
func (r Result) Failed() bool { return len(r.Violations) > 0 }

// operation returns the part of the name that names the operation.
func (r Result) operation() string {
	operation, _, _ := strings.Cut(r.Name, "/")
	return operation
}

func (r *Report) add(result Result, done func(Result)) {
	r.Results = append(r.Results, result)
	if done != nil {
		done(result)
	}
}

// Breaches returns the cases that failed.
func (r *Report) Breaches() (failed []Result) {
	for _, result := range r.Results {
		if result.Failed() {
			failed = append(failed, result)
		}
	}
	return failed
}

// counts are the numbers of cases by their result.
type counts struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
}

func countResults(results []Result) (n counts) {
	for _, result := range results {
		switch {
		case result.Failed():
			n.Failed++
		case result.Skipped != "":
			n.Skipped++
		default:
			n.Passed++
		}
	}
	return n
}

// groupBy returns groups of results with the same key, in the order of their first results.
func groupBy(results []Result, key func(Result) string) (groups [][]Result) {
	for _, result := range results {
		at := slices.IndexFunc(groups, func(group []Result) bool { return key(group[0]) == key(result) })
		if at < 0 {
			groups = append(groups, []Result{result})
		} else {
			groups[at] = append(groups[at], result)
		}
	}
	return groups
}

// Causes returns the violations by cause: first errors of behaviour, then missing operations, bodies, and headers. Among
// those, the cause with the most cases comes first.
func (r *Report) Causes() []Cause {
	causes := []Cause{}
	for _, result := range r.Results {
		for _, v := range result.Violations {
			at := slices.IndexFunc(causes, func(c Cause) bool { return c.Cause == v.Cause })
			if at < 0 {
				at = len(causes)
				causes = append(causes, Cause{v.Cause, []string{}, v.Expected, v.Actual, v.Curl, nil, v.kind})
			}
			c := &causes[at]
			if !slices.Contains(c.Cases, result.Name) {
				c.Cases = append(c.Cases, result.Name)
			}
			if v.Pointer != "" && !slices.Contains(c.Pointers, v.Pointer) {
				c.Pointers = append(c.Pointers, v.Pointer)
			}
		}
	}
	slices.SortStableFunc(causes, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(len(b.Cases), len(a.Cases)))
	})
	return causes
}

var changing = regexp.MustCompile(`conformance[-a-z0-9]{8,}|[0-9]{4,}`)

// causeOf returns an expectation without the parts that differ between cases.
func causeOf(expected string) string {
	return shorten(changing.ReplaceAllString(oneLine(expected), "*"))
}

// String describes the result. A failed case has several lines.
func (r Result) String() string {
	if r.Skipped != "" {
		return "skip  " + r.Name + ": " + r.Skipped
	} else if !r.Failed() {
		return "ok    " + r.Name
	}
	text := "FAIL  " + r.Name
	for _, v := range r.Violations {
		text += fmt.Sprintf("\n      expected  %s\n      actual    %s", oneLine(v.Expected), oneLine(v.Actual))
		if v.Pointer != "" {
			text += "\n      contract  " + v.Pointer
		}
		if v.Curl != "" {
			text += "\n      try       " + v.Curl
		}
	}
	return text
}

// Summary returns the counts in one line.
func (r *Report) Summary() string {
	n := countResults(r.Results)
	return fmt.Sprintf("level %s: %s: %d ok, %d failed (%s), %d skipped, in %.1f s", r.Level, count(len(r.Results), "case"),
		n.Passed, n.Failed, count(len(r.Causes()), "cause"), n.Skipped, r.Took.Seconds())
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
