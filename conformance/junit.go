package conformance

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
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
	Skipped *junitSkipped `xml:"skipped"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

// WriteJUnit writes the report as JUnit XML with a suite for each operation.
func (r *Report) WriteJUnit(w io.Writer) error {
	all := junitSuites{Name: "postern conformance " + r.Target, Tests: len(r.Results), Failures: len(r.Breaches()), Skipped: len(r.skipped()), Time: seconds(r.Took)}
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
	switch {
	case result.Failed():
		c.Failure = &junitFailure{Message: visible(oneLine(result.Violations[0].Cause)), Type: "breach", Text: visible(result.String())}
		s.Failures++
	case result.Skipped != "":
		c.Skipped = &junitSkipped{Message: visible(result.Skipped)}
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
	s.Tests++
	s.took += result.Took
	s.Time = seconds(s.took)
}

// visible replaces control characters of answers. XML 1.0 cannot contain them, and they would control the terminal.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
