package contract

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.com/postern/api"
)

// checkContext is the request that a value belongs to. Formats need it.
type checkContext struct {
	request *http.Request
	query   url.Values
}

// checkScalar returns the fault of the text of a parameter or header.
func (r *rule) checkScalar(ctx checkContext, value string) Fault {
	switch {
	case r.kind == typeInteger:
		return r.check(ctx, typeNumber, value)
	case r.kind == typeBoolean && value != "true" && value != "false":
		return Fault{api.FieldProblemCodeType, "must be true or false"}
	case r.kind == typeBoolean:
		return noFault
	}
	return r.check(ctx, typeString, value)
}

// check returns the fault of a value of the type kind. text is the content of a string or the literal of a number. If no
// alternative accepts the value, check returns the fault that the first one finds.
func (r *rule) check(ctx checkContext, kind, text string) Fault {
	switch {
	case r.ignored, kind == typeNull && r.nullable, r.kind == "" && len(r.alternatives) == 0:
		return noFault
	case len(r.alternatives) > 0:
		if slices.ContainsFunc(r.alternatives, func(one *rule) bool { return one.check(ctx, kind, text) == noFault }) {
			return noFault
		}
		return r.alternatives[0].check(ctx, kind, text)
	case kind == typeNumber && (r.kind == typeInteger || r.kind == typeNumber):
		return r.checkNumber(text)
	case r.kind != kind:
		return r.typeFault()
	case kind == typeString:
		return r.checkText(ctx, text)
	}
	return noFault
}

// checkText returns the fault of a string. A custom format is checked before the pattern, because its message explains
// more.
func (r *rule) checkText(ctx checkContext, value string) Fault {
	if r.enum != nil && !slices.Contains(r.enum, value) {
		return Fault{api.FieldProblemCodeEnum, "must be " + choices(r.enum)}
	}
	if r.time && new(api.Time).UnmarshalText([]byte(value)) != nil { // its message explains more than one about the length
		return Fault{api.FieldProblemCodeFormat, "must be a time as RFC 3339 writes it, such as 2026-11-24T09:30:00Z"}
	}
	if found := r.checkLength(utf8.RuneCountInString(value)); found != noFault {
		return found
	}
	if r.excludesNUL && strings.IndexByte(value, 0) >= 0 {
		return Fault{api.FieldProblemCodePattern, "must not contain U+0000"}
	}
	if r.format.Check != nil {
		if found := r.format.Check(ctx.request, ctx.query, value); found != noFault {
			return found
		}
	}
	if r.pattern != nil && !r.pattern.MatchString(value) {
		return Fault{api.FieldProblemCodePattern, "must match " + r.pattern.String()}
	}
	return noFault
}

func (r *rule) checkLength(n int) Fault {
	switch {
	case n < r.minLength && r.minLength == 1:
		return Fault{api.FieldProblemCodeMinLength, "must not be empty"}
	case n < r.minLength:
		return Fault{api.FieldProblemCodeMinLength, fmt.Sprintf("must have at least %d characters", r.minLength)}
	case r.maxLength >= 0 && n > r.maxLength:
		return Fault{api.FieldProblemCodeMaxLength, fmt.Sprintf("must have at most %d characters", r.maxLength)}
	}
	return noFault
}

// canonicalInteger matches integers in ASCII digits without a plus sign, leading zeros or spaces.
var canonicalInteger = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

// checkNumber returns the fault of a number, given its literal.
func (r *rule) checkNumber(literal string) Fault {
	if r.kind == typeInteger && !canonicalInteger.MatchString(literal) {
		return r.typeFault()
	}
	// A float represents every integer within the bounds exactly. Rounding never moves another integer across a bound.
	n, err := strconv.ParseFloat(literal, 64)
	if err != nil && !math.IsInf(n, 0) {
		return r.typeFault()
	}
	switch {
	case r.minimum != nil && n < *r.minimum:
		return Fault{api.FieldProblemCodeMinimum, "must be at least " + decimal(*r.minimum)}
	case r.maximum != nil && n > *r.maximum:
		return Fault{api.FieldProblemCodeMaximum, "must be at most " + decimal(*r.maximum)}
	}
	return noFault
}

func (r *rule) typeFault() Fault {
	article := "a "
	if slices.Contains([]string{typeArray, typeInteger, typeObject}, r.kind) {
		article = "an "
	}
	return Fault{api.FieldProblemCodeType, "must be " + article + r.kind}
}

func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func choices(enum []string) string {
	quoted := make([]string, len(enum))
	for i, value := range enum {
		quoted[i] = strconv.Quote(value)
	}
	return strings.Join(quoted, " or ")
}
