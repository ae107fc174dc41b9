package client

import (
	"fmt"
	"strings"
)

// Error describes the problem for people, with every field and the request id. It contains nothing that was sent in a body.
func (p *Problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "postern: %d %s", p.Status, p.Detail)
	for i, field := range p.Errors {
		if i > 0 {
			b.WriteString(";")
		}
		b.WriteString(" " + field.String())
	}
	if p.RequestID != "" {
		b.WriteString(" (request " + p.RequestID + ")")
	}
	return b.String()
}

// Is reports whether target is the problem's code, so that errors.Is(err, ProblemCodeEmailTaken) works.
func (p *Problem) Is(target error) bool {
	code, ok := target.(ProblemCode)
	return ok && code == p.Code
}

// Error returns the code. It makes codes targets for errors.Is.
func (c ProblemCode) Error() string { return string(c) }

// Field returns the first problem with a field. A field of the body is named by its JSON Pointer, such as "/email", any other by
// the name of its parameter. Field returns nil if the field is valid.
func (p *Problem) Field(pointerOrName string) *FieldProblem {
	for i := range p.Errors {
		if p.Errors[i].place() == pointerOrName {
			return &p.Errors[i]
		}
	}
	return nil
}

// String describes the field and what is wrong with it, for people.
func (f FieldProblem) String() string { return f.place() + " " + f.Detail }

func (f FieldProblem) place() string {
	if f.Pointer != "" {
		return f.Pointer
	}
	return f.Name
}
