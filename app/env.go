package main

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// lookUp returns a getenv of environ, a list of NAME=value.
func lookUp(environ []string) func(string) string {
	values := make(map[string]string, len(environ))
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	return func(name string) string { return values[name] }
}

// checkVariableNames refuses every POSTERN_ variable that no setting reads: it is a misspelt one whose value would be
// missed in silence.
func checkVariableNames(environ []string) error {
	known, err := variableNames()
	if err != nil {
		return err
	}
	var refusals []error
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "POSTERN_") || slices.Contains(known, name) {
			continue
		}
		reason := "is not a setting; see postern --help"
		if meant := nearest(name, known); meant != "" {
			reason = "is not a setting: did you mean " + meant + "?"
		}
		refusals = append(refusals, refuse(name, reason))
	}
	return together(refusals...)
}

// variableNames returns the name of every variable that some command reads, in the order of the help.
func variableNames() ([]string, error) {
	parser, err := newParser(io.Discard)
	if err != nil {
		return nil, err
	}
	var names []string
	err = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, isFlag := node.(*kong.Flag); isFlag && isSetting(flag) && !slices.Contains(names, variableOf(flag.Name)) {
			names = append(names, variableOf(flag.Name))
		}
		return next(nil)
	})
	for _, s := range secretSettings {
		names = append(names, s.variable, s.variable+"_FILE")
	}
	return names, err
}

// maxTypos is how many letters may differ between what was written and what is taken to be meant.
const maxTypos = 4

// nearest returns the name that the fewest changes lead to, or "" if all are far off.
func nearest(name string, known []string) string {
	best, fewest := "", maxTypos+1
	for _, candidate := range known {
		if n := editDistance(name, candidate); n < fewest {
			best, fewest = candidate, n
		}
	}
	return best
}

// editDistance returns how many bytes must be inserted, deleted or replaced to make b of a (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// together makes one refusal of many, or nil of none.
func together(errs ...error) error {
	var texts []string
	for _, err := range errs {
		if refused := (*refusal)(nil); errors.As(err, &refused) {
			texts = append(texts, refused.text)
		} else if err != nil {
			return err
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return &refusal{strings.Join(texts, "; ")}
}
