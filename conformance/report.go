package conformance

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// Report is the result of a run.
type Report struct {
	Target  string
	Began   time.Time
	Took    time.Duration
	Results []Result
}

// Result is the result of a case.
type Result struct {
	Name    string // such as "GetPost/reads"; the name of a case never changes
	Took    time.Duration
	Failure *Failure // nil if the case passed
}

// Failure describes how a server breaks the contract. Its texts contain no passwords and no tokens.
type Failure struct {
	Expected string
	Actual   string
	Curl     string // command that sends the request again, without its secrets; may be empty
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
		if result.Failure != nil {
			failed = append(failed, result)
		}
	}
	return failed
}

// String returns one line for a passed case, and at most four lines for a failed one.
func (r Result) String() string {
	if r.Failure == nil {
		return fmt.Sprintf("ok    %s", r.Name)
	}
	text := fmt.Sprintf("FAIL  %s\n      expected  %s\n      actual    %s", r.Name, oneLine(r.Failure.Expected), oneLine(r.Failure.Actual))
	if r.Failure.Curl != "" {
		text += "\n      try       " + r.Failure.Curl
	}
	return text
}

// Summary returns the counts in one line.
func (r *Report) Summary() string {
	failed := len(r.Breaches())
	return fmt.Sprintf("%d cases: %d ok, %d failed, in %.1f s", len(r.Results), len(r.Results)-failed, failed, r.Took.Seconds())
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Timestamp string      `xml:"timestamp,attr"`
	Time      string      `xml:"time,attr"`
	Cases     []junitCase `xml:"testcase"`
	took      time.Duration
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitFailure `xml:"failure"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the report as JUnit XML with a suite for each operation.
func (r *Report) WriteJUnit(w io.Writer) error {
	all := junitSuites{Name: "postern conformance " + r.Target, Tests: len(r.Results), Failures: len(r.Breaches()), Time: seconds(r.Took)}
	index := map[string]int{}
	for _, result := range r.Results {
		operation, what, _ := strings.Cut(result.Name, "/")
		i, known := index[operation]
		if !known {
			i = len(all.Suites)
			index[operation] = i
			all.Suites = append(all.Suites, junitSuite{Name: operation, Timestamp: r.Began.UTC().Format("2006-01-02T15:04:05")})
		}
		all.Suites[i].add(operation, what, result)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(class, name string, result Result) {
	c := junitCase{Class: class, Name: name, Time: seconds(result.Took)}
	if f := result.Failure; f != nil {
		c.Failure = &junitFailure{Message: oneLine(f.Actual), Type: "breach", Text: result.String()}
		s.Failures++
	}
	s.Cases = append(s.Cases, c)
	s.Tests++
	s.took += result.Took
	s.Time = seconds(s.took)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
