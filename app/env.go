package main

import (
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/alecthomas/kong"
)

// lookUp returns a function like [os.Getenv] that reads environ, a list of NAME=value.
func lookUp(environ []string) func(string) string {
	values := make(map[string]string, len(environ))
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	return func(name string) string { return values[name] }
}

// prefix begins the name of each variable of this program.
const prefix = "POSTERN_"

// checkVariableNames refuses every POSTERN_ variable that is not a setting. Otherwise a misspelt setting would be ignored
// silently. Variables that Kubernetes sets are accepted.
func checkVariableNames(environ []string) error {
	known, err := variableNames()
	if err != nil {
		return err
	}
	var refusals []error
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, prefix) || slices.Contains(known, name) || isServiceVariable(name, value) {
			continue
		}
		refusals = append(refusals, refuse(name, "is not a setting"+hint(name, known)))
	}
	return joinRefusals(refusals...)
}

// hint completes the message about an unknown variable.
func hint(name string, known []string) string {
	if name == prefix+"PORT" {
		return ": the port is part of POSTERN_ADDR, such as 127.0.0.1:8080 or :8080"
	}
	if similar := nearest(name, known); similar != "" {
		return ": did you mean " + similar + "?"
	}
	return "; see postern --help"
}

// serviceVariable matches the variables that Kubernetes sets for a Service named postern or postern-something. servicePort
// matches the variable that ends in _PORT together with its value, because a person may have set such a variable.
var (
	serviceVariable = regexp.MustCompile(`^POSTERN(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)
	servicePort     = regexp.MustCompile(`^POSTERN(_[A-Z0-9_]+)?_PORT=(tcp|udp|sctp)://`)
)

// isServiceVariable reports whether Kubernetes sets this variable in every container beside a Service
// (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
func isServiceVariable(name, value string) bool {
	return serviceVariable.MatchString(name) || servicePort.MatchString(name+"="+value)
}

// variableNames returns the name of each variable that a command reads, in the order of the help. It is determined once.
var variableNames = sync.OnceValues(func() ([]string, error) {
	parser, err := newParser(io.Discard)
	if err != nil {
		return nil, err
	}
	var names []string
	err = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, isFlag := node.(*kong.Flag); isFlag && isSetting(flag) && !slices.Contains(names, variableOf(flag.Name)) {
			names = append(names, variableOf(flag.Name))
			if mayBeFile(flag) {
				names = append(names, variableOf(flag.Name)+"_FILE")
			}
		}
		return next(nil)
	})
	for _, s := range secretSettings {
		names = append(names, s.variable, s.variable+"_FILE")
	}
	return names, err
})

// nearest returns the known name with the smallest edit distance from name. It returns "" if that distance is more than 4,
// or more than half of the characters after the prefix.
func nearest(name string, known []string) string {
	best, fewest := "", min(4, (len(name)-len(prefix))/2)+1
	for _, candidate := range known {
		if n := editDistance(name, candidate); n < fewest {
			best, fewest = candidate, n
		}
	}
	return best
}

// editDistance returns the Levenshtein distance of a and b in bytes.
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

// joinRefusals returns one refusal with the texts of all refusals in errs, or nil if there are none. Another error in errs
// is returned alone.
func joinRefusals(errs ...error) error {
	var texts []string
	for _, err := range errs {
		if refused, ok := errors.AsType[*refusal](err); ok {
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
