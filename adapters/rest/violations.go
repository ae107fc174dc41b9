package rest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// violations is all that is wrong with a request, in the order in which it is told. It never holds a value.
type violations struct {
	fields []api.FieldProblem
	form   bool // whether the body was sent as a form
}

func (v *violations) add(fields ...api.FieldProblem) { v.fields = append(v.fields, fields...) }

// Error names what is wrong, for the log. Names that the client made up are left out: they may be anything.
func (v *violations) Error() string {
	var text strings.Builder
	text.WriteString("validation:")
	for _, f := range v.fields[:min(len(v.fields), 5)] {
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

// Unwrap returns the failure that the client is told of.
func (v *violations) Unwrap() error {
	return domain.Invalid(make([]domain.FieldError, len(v.fields))...)
}

// maxName bounds how much of a name that a client made up is told back.
const maxName = 64

func shorten(name string, max int) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	if runes := []rune(name); len(runes) > max {
		return string(runes[:max]) + "…"
	}
	return name
}

// clampInfinite returns the finite number next to an infinite one: the validator does not take those.
func clampInfinite(n float64) float64 {
	return math.Max(-math.MaxFloat64, math.Min(math.MaxFloat64, n))
}

// explain says what the most telling of the validator's errors means, or returns an empty code. The validator's own words
// are never used: they hold the value.
func explain(err error) (code api.FieldProblemCode, detail string) {
	failures := schemaErrors(err)
	if len(failures) == 0 {
		return "", ""
	}
	// An integer beyond its bounds is beyond its format too, but the bounds say more.
	telling := slices.IndexFunc(failures, func(e *openapi3.SchemaError) bool { return e.SchemaField != "format" })
	return explainOne(failures[max(telling, 0)])
}

func explainOne(failure *openapi3.SchemaError) (code api.FieldProblemCode, detail string) {
	s := failure.Schema
	switch failure.SchemaField {
	case "required":
		return api.FieldProblemCodeRequired, "is required"
	case "enum":
		return api.FieldProblemCodeEnum, "must be " + choices(s.Enum)
	case "minimum":
		return api.FieldProblemCodeMinimum, "must be at least " + decimal(*s.Min)
	case "maximum":
		return api.FieldProblemCodeMaximum, "must be at most " + decimal(*s.Max)
	case "minLength":
		if s.MinLength == 1 {
			return api.FieldProblemCodeMinLength, "must not be empty"
		}
		return api.FieldProblemCodeMinLength, fmt.Sprintf("must have at least %d characters", s.MinLength)
	case "maxLength":
		return api.FieldProblemCodeMaxLength, fmt.Sprintf("must have at most %d characters", *s.MaxLength)
	case "pattern":
		if s.Pattern == noNUL {
			return api.FieldProblemCodePattern, "must not hold U+0000"
		}
		return api.FieldProblemCodePattern, "must match " + s.Pattern
	case "format":
		return api.FieldProblemCodeFormat, "must be a valid " + s.Format
	}
	return api.FieldProblemCodeType, "must be " + typeName(s)
}

// noNUL is how the contract says that any text is fine without U+0000.
const noNUL = `^[^\u0000]*$`

func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func choices(enum []any) string {
	quoted := make([]string, len(enum))
	for i, value := range enum {
		quoted[i] = fmt.Sprintf("%q", value)
	}
	return strings.Join(quoted, " or ")
}

func typeName(s *openapi3.Schema) string {
	types := s.Type.Slice()
	if len(types) == 0 {
		return "of another type"
	}
	if slices.Contains([]string{openapi3.TypeArray, openapi3.TypeInteger, openapi3.TypeObject}, types[0]) {
		return "an " + types[0]
	}
	return "a " + types[0]
}
