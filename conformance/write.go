package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// maxListed limits the number of cases and places that a text lists for one cause.
const maxListed = 3

// WriteText writes the causes of failures, the skipped cases by reason, and the counts.
func (r *Report) WriteText(w io.Writer) error {
	var b strings.Builder
	for i, c := range r.Causes() {
		fmt.Fprintf(&b, "%d. %s (%s)\n", i+1, c.Cause, count(len(c.Cases), "case"))
		if len(c.Pointers) > 0 {
			fmt.Fprintf(&b, "   contract  %s\n", list(c.Pointers))
		}
		if c.Cause != "" && !strings.HasSuffix(c.Actual, c.Cause) {
			fmt.Fprintf(&b, "   actual    %s\n", oneLine(c.Actual))
		}
		cases := list(c.Cases)
		if c.kind == kindOperation {
			cases = strings.Join(c.Cases, ", ") // each is work to do
		}
		fmt.Fprintf(&b, "   cases     %s\n", cases)
		if c.Curl != "" {
			fmt.Fprintf(&b, "   try       %s\n", c.Curl)
		}
		b.WriteString("\n")
	}
	for _, group := range groupBy(r.Results, func(r Result) string { return r.Skipped }) {
		if group[0].Skipped == "" {
			continue
		}
		var names []string
		for _, skipped := range group {
			names = append(names, skipped.Name)
		}
		fmt.Fprintf(&b, "skipped: %s\n   cases     %s\n\n", group[0].Skipped, list(names))
	}
	fmt.Fprintln(&b, r.Summary())
	_, err := io.WriteString(w, visible(b.String()))
	return err
}

func list(all []string) string {
	text := strings.Join(all[:min(len(all), maxListed)], ", ")
	if more := len(all) - maxListed; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
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

type jsonReport struct {
	Target  string     `json:"target"`
	Level   string     `json:"level"`
	Began   string     `json:"began"`
	Seconds float64    `json:"seconds"`
	Counts  counts     `json:"counts"`
	Causes  []Cause    `json:"causes"`
	Cases   []jsonCase `json:"cases"`
}

type jsonCase struct {
	Name    string  `json:"name"`
	Level   string  `json:"level"`
	Result  string  `json:"result"` // passed, failed or skipped
	Reason  string  `json:"reason,omitempty"`
	Seconds float64 `json:"seconds"`
}

// WriteJSON writes the report as a JSON object. docs/testing.md describes it.
func (r *Report) WriteJSON(w io.Writer) error {
	all := jsonReport{
		Target: r.Target, Level: r.Level.String(), Began: r.Began.UTC().Format("2006-01-02T15:04:05Z"), Seconds: r.Took.Seconds(),
		Counts: countResults(r.Results), Causes: r.Causes(), Cases: []jsonCase{},
	}
	for _, result := range r.Results {
		one := jsonCase{result.Name, result.Level.String(), "passed", result.Skipped, result.Took.Seconds()}
		if result.Failed() {
			one.Result = "failed"
		} else if result.Skipped != "" {
			one.Result = "skipped"
		}
		all.Cases = append(all.Cases, one)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(all)
}
