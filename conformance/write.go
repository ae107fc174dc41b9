package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
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
	reasons, names := []string{}, map[string][]string{}
	for _, skipped := range r.skipped() {
		if names[skipped.Skipped] == nil {
			reasons = append(reasons, skipped.Skipped)
		}
		names[skipped.Skipped] = append(names[skipped.Skipped], skipped.Name)
	}
	for _, reason := range reasons {
		fmt.Fprintf(&b, "skipped: %s\n   cases     %s\n\n", reason, list(names[reason]))
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

type jsonReport struct {
	Target  string      `json:"target"`
	Level   string      `json:"level"`
	Began   string      `json:"began"`
	Seconds float64     `json:"seconds"`
	Counts  jsonCounts  `json:"counts"`
	Causes  []jsonCause `json:"causes"`
	Cases   []jsonCase  `json:"cases"`
}

type jsonCounts struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
}

type jsonCause struct {
	Cause    string   `json:"cause"`
	Pointers []string `json:"pointers"`
	Expected string   `json:"expected"`
	Actual   string   `json:"actual"`
	Curl     string   `json:"curl"`
	Cases    []string `json:"cases"`
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
	failed, skipped := len(r.Breaches()), len(r.skipped())
	all := jsonReport{
		Target: r.Target, Level: r.Level.String(), Began: r.Began.UTC().Format("2006-01-02T15:04:05Z"), Seconds: r.Took.Seconds(),
		Counts: jsonCounts{len(r.Results) - failed - skipped, failed, skipped}, Causes: []jsonCause{}, Cases: []jsonCase{},
	}
	for _, c := range r.Causes() {
		all.Causes = append(all.Causes, jsonCause{c.Cause, append([]string{}, c.Pointers...), c.Expected, c.Actual, c.Curl, c.Cases})
	}
	for _, result := range r.Results {
		one := jsonCase{Name: result.Name, Level: result.Level.String(), Result: "passed", Seconds: result.Took.Seconds()}
		if result.Failed() {
			one.Result = "failed"
		} else if result.Skipped != "" {
			one.Result, one.Reason = "skipped", result.Skipped
		}
		all.Cases = append(all.Cases, one)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(all)
}
