package conformance

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Time   string       `xml:"time,attr"`
	Suites []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Timestamp string      `xml:"timestamp,attr"`
	Time      string      `xml:"time,attr"`
	Cases     []junitCase `xml:"testcase"`
}

type junitCounts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure"`
	Skipped *junitMessage `xml:"skipped"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the report as JUnit XML with a suite for each operation.
func (r *Report) WriteJUnit(w io.Writer) error {
	all := junitSuites{Name: "postern conformance " + r.Target, junitCounts: countJUnit(r.Results), Time: seconds(r.Took)}
	began := r.Began.UTC().Format("2006-01-02T15:04:05")
	for _, results := range groupBy(r.Results, Result.operation) {
		suite := junitSuite{Name: results[0].operation(), junitCounts: countJUnit(results), Timestamp: began}
		var took time.Duration
		for _, result := range results {
			suite.Cases = append(suite.Cases, junitCaseOf(result))
			took += result.Took
		}
		suite.Time = seconds(took)
		all.Suites = append(all.Suites, suite)
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}

func countJUnit(results []Result) junitCounts {
	n := countResults(results)
	return junitCounts{Tests: len(results), Failures: n.Failed, Skipped: n.Skipped}
}

func junitCaseOf(result Result) junitCase {
	operation, topic, _ := strings.Cut(result.Name, "/")
	c := junitCase{Class: operation, Name: topic, Time: seconds(result.Took)}
	if result.Failed() {
		c.Failure = &junitMessage{visible(oneLine(result.Violations[0].Cause)), "breach", visible(result.String())}
	} else if result.Skipped != "" {
		c.Skipped = &junitMessage{Message: visible(result.Skipped)}
	}
	return c
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
