package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// difference is one entry of oasdiff's list.
type difference struct {
	ID        string `json:"id"`
	Text      string `json:"text"`
	Level     int    `json:"level"` // 1: information, 2: warning, 3: error
	Operation string `json:"operation"`
	Path      string `json:"path"`
	Section   string `json:"section"` // "components", for example, if the difference is in no operation
}

// breaking reports whether oasdiff considers the difference breaking, or possibly breaking.
func (d difference) breaking() bool { return d.Level > 1 }

// place returns the operation of the difference, or the section of the document.
func (d difference) place() string {
	if d.Operation == "" {
		return d.Section
	}
	return d.Operation + " " + d.Path
}

// line returns the difference as accepted.txt lists it.
func (d difference) line() string { return d.place() + " " + d.Text }

// acceptance is the list of accepted differences. Each paragraph of accepted.txt is a reason, followed by the differences that it
// explains, one on a line. A paragraph without differences is about the file itself.
type acceptance struct {
	lines   []string          // in the order of the file
	reasons map[string]string // by line
}

var acceptedLine = regexp.MustCompile(`^(?:[A-Z]+ /|components )`)

func parseAccepted(text string) (acceptance, error) {
	a := acceptance{reasons: map[string]string{}}
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		var reason []string
		explained := false
		for line := range strings.SplitSeq(strings.TrimSpace(paragraph), "\n") {
			isDifference := acceptedLine.MatchString(line)
			if isDifference && len(reason) == 0 || !isDifference && explained {
				return a, fmt.Errorf("a paragraph must be a reason, then the differences: %q", line)
			}
			if !isDifference {
				reason = append(reason, line)
				continue
			}
			explained = true
			a.lines = append(a.lines, line)
			a.reasons[line] = strings.Join(reason, " ")
		}
	}
	return a, nil
}

// check returns an error unless the list has every breaking difference, and nothing else. A line that matches nothing must
// go, because it would accept that change whenever somebody makes it.
func (a acceptance) check(differences []difference) error {
	var breaking []string
	for _, d := range differences {
		if d.breaking() && !slices.Contains(breaking, d.line()) {
			breaking = append(breaking, d.line())
		}
	}
	var faults []error
	if missing := without(breaking, a.lines); len(missing) > 0 {
		faults = append(faults, errors.New("these differences break clients, and are not accepted:\n"+strings.Join(missing, "\n")))
	}
	if obsolete := without(a.lines, breaking); len(obsolete) > 0 {
		faults = append(faults, errors.New("these lines match no breaking difference:\n"+strings.Join(obsolete, "\n")))
	}
	return errors.Join(faults...)
}

// without returns the lines that are not in excluded.
func without(lines, excluded []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return slices.Contains(excluded, line) })
}
