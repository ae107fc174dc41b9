package contract

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/postern/api"
)

// Kinds of refusals.
var (
	ErrMalformed     = errors.New("malformed request")
	ErrMalformedBody = errors.New("malformed body")
	ErrTooLarge      = errors.New("body too large")
	ErrTooSlow       = errors.New("body too slow")
	ErrUnsupported   = errors.New("unsupported media type")
)

// Refusal is the error for a request that cannot be read. The message is meant for the client. It repeats nothing of
// the request.
type Refusal struct {
	Kind    error // one of the kinds above
	Message string
	Accept  []string // media types that the operation accepts, if Kind is [ErrUnsupported]
}

// Error implements error.
func (e *Refusal) Error() string { return e.Kind.Error() + ": " + e.Message }

// Unwrap returns the kind.
func (e *Refusal) Unwrap() error { return e.Kind }

func malformedBody(message string) error { return &Refusal{Kind: ErrMalformedBody, Message: message} }

// Invalid is the error for a request whose fields break the contract. Fields lists all of them in the order path,
// query, header, body, and within these in the order of the document. Unknown fields follow, sorted by name.
type Invalid struct {
	Fields []api.FieldProblem
	Form   bool // the body was sent as a form
}

// maxLogged is the maximum number of fields in the text of an error.
const maxLogged = 5

// Error names the fields for the log. It omits names that the document does not declare, because they may be any text.
func (e *Invalid) Error() string {
	var text strings.Builder
	text.WriteString("validation:")
	for _, f := range e.Fields[:min(len(e.Fields), maxLogged)] {
		name := f.Name
		if name == nil {
			name = f.Pointer
		}
		if f.Code == api.FieldProblemCodeUnknown || strings.Count(*name, "/") > 1 {
			fmt.Fprintf(&text, " %s %s;", f.In, f.Code)
		} else {
			fmt.Fprintf(&text, " %s %s %s;", f.In, *name, f.Code)
		}
	}
	return text.String()
}

// Maximum lengths of names in a problem, in characters. Longer names are truncated.
const (
	MaxName    = 64
	MaxPointer = 100
)

func nameProblem(in api.FieldLocation, name string, f Fault) api.FieldProblem {
	name = shorten(name, MaxName)
	return api.FieldProblem{In: in, Name: &name, Code: f.Code, Detail: f.Detail}
}

func pointerProblem(pointer string, f Fault) api.FieldProblem {
	pointer = shorten(pointer, MaxPointer)
	return api.FieldProblem{In: api.FieldLocationBody, Pointer: &pointer, Code: f.Code, Detail: f.Detail}
}

func shorten(name string, limit int) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	if runes := []rune(name); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return name
}

// Fault describes what is wrong with a value. The zero value means that it is valid.
type Fault struct {
	Code   api.FieldProblemCode
	Detail string // continues a sentence that begins with the name of the field; does not repeat the value
}

var (
	noFault       Fault
	unknownFault  = Fault{api.FieldProblemCodeUnknown, "is unknown"}
	missingFault  = Fault{api.FieldProblemCodeRequired, "is required"}
	repeatedFault = Fault{api.FieldProblemCodeRepeated, "must occur only once"}
)

// problems holds the faults of the members of a body by JSON Pointer. Only the first fault of each member is kept.
type problems map[string]Fault

func (p *problems) add(pointer string, f Fault) {
	if *p == nil {
		*p = problems{}
	}
	limit := maxProblems
	if f != unknownFault && f != loneSurrogate {
		limit *= 2 // many unknown members must not displace the faults of known ones
	}
	if _, known := (*p)[pointer]; !known && len(*p) < limit {
		(*p)[pointer] = f
	}
}

// sorted returns the problems sorted by the position in order of the first name in their pointers. Other names follow,
// sorted by pointer.
func (p problems) sorted(order []string) []api.FieldProblem {
	pointers := slices.SortedFunc(maps.Keys(p), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(order, a), rank(order, b)), strings.Compare(a, b))
	})
	sorted := make([]api.FieldProblem, len(pointers))
	for i, pointer := range pointers {
		sorted[i] = pointerProblem(pointer, p[pointer])
	}
	return sorted
}

func rank(order []string, pointer string) int {
	first, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if i := slices.Index(order, first); i >= 0 || pointer == "" {
		return i
	}
	return len(order)
}
