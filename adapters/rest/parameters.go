package rest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// parameter is a path, query or header parameter of one value.
type parameter struct {
	name     string
	in       api.FieldLocation
	required bool
	parse    func(text string) (any, api.FieldProblemCode, string) // to what the schema is checked with
	schema   *openapi3.Schema
	segment  int // where a path parameter stands in the path

	list bool // whether the lines of the header field make one list
	rule rule // beyond the schema; may be nil
}

// rule tells what is wrong with a parameter, in words that read on from its name and hold no value. query is that of the
// request.
type rule func(value string, query url.Values, caller domain.UserID) error

func newParameter(declared *openapi3.Parameter, segments []string) (parameter, error) {
	p := parameter{name: declared.Name, in: api.FieldLocation(declared.In), required: declared.Required, schema: declared.Schema.Value}
	p.list = p.in == api.FieldLocationHeader && strings.HasPrefix(p.name, "If-")
	switch {
	case p.in == api.FieldLocationPath:
		if p.segment = slices.Index(segments, "{"+p.name+"}"); p.segment < 0 {
			return p, fmt.Errorf("path parameter %s is no segment of its own", p.name)
		}
	case p.in != api.FieldLocationQuery && p.in != api.FieldLocationHeader:
		return p, fmt.Errorf("parameter %s is in %s, which is not enforced", p.name, p.in)
	}
	switch {
	case p.schema.Type.Is(openapi3.TypeInteger):
		p.parse = parseInteger
	case p.schema.Type.Is(openapi3.TypeBoolean):
		p.parse = parseBoolean
	case p.schema.Type.Is(openapi3.TypeString) && p.schema.Format == "date-time":
		p.parse = parseTime
	case p.schema.Type.Is(openapi3.TypeString):
		p.parse = parseText
	default:
		return p, fmt.Errorf("parameter %s is of a type that is not enforced", p.name)
	}
	return p, nil
}

var locations = []api.FieldLocation{api.FieldLocationPath, api.FieldLocationQuery, api.FieldLocationHeader, api.FieldLocationBody}

func sortByLocation(parameters []parameter) {
	slices.SortStableFunc(parameters, func(a, b parameter) int {
		return cmp.Compare(slices.Index(locations, a.in), slices.Index(locations, b.in))
	})
}

// checkParameters returns what is wrong with the path, the query and the header, in this order and the contract's; names that
// the query has and the contract does not come behind those of the query.
func (op *operation) checkParameters(r *http.Request, query url.Values) []api.FieldProblem {
	var found, headers []api.FieldProblem
	given, caller := strings.Split(r.URL.Path, "/"), callOf(r.Context()).caller.UserID
	for _, p := range op.parameters {
		values := query[p.name]
		switch p.in {
		case api.FieldLocationPath:
			values = given[p.segment : p.segment+1]
		case api.FieldLocationHeader:
			values = r.Header.Values(p.name)
		}
		code, detail := p.check(values)
		if code == "" && p.rule != nil && len(values) == 1 {
			if err := p.rule(values[0], query, caller); err != nil {
				code, detail = ruleProblem(err)
			}
		}
		switch {
		case code == "":
		case p.in == api.FieldLocationHeader:
			headers = append(headers, parameterProblem(p.in, p.name, code, detail))
		default:
			found = append(found, parameterProblem(p.in, p.name, code, detail))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !slices.ContainsFunc(op.parameters, func(p parameter) bool { return p.in == api.FieldLocationQuery && p.name == name }) {
			found = append(found, parameterProblem(api.FieldLocationQuery, shorten(name, maxName), api.FieldProblemCodeUnknown, "is not known here"))
		}
	}
	return append(found, headers...)
}

// ruleProblem returns what a rule says is wrong. A failure of the domain's has a code of its own.
func ruleProblem(err error) (code api.FieldProblemCode, detail string) {
	if failure, ok := errors.AsType[*domain.Error](err); ok && len(failure.Fields) == 1 {
		return api.FieldProblemCode(failure.Fields[0].Code), failure.Fields[0].Message
	}
	return api.FieldProblemCodeFormat, err.Error()
}

func parameterProblem(in api.FieldLocation, name string, code api.FieldProblemCode, detail string) api.FieldProblem {
	return api.FieldProblem{In: in, Name: &name, Code: code, Detail: detail}
}

// canonicalInteger is an integer in its one spelling: no sign, zeros or spaces before it, ASCII digits only.
var canonicalInteger = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

// check returns what is wrong with the values, or an empty code.
func (p parameter) check(values []string) (code api.FieldProblemCode, detail string) {
	switch {
	case len(values) == 0 && p.required:
		return api.FieldProblemCodeRequired, "is required"
	case len(values) == 0:
		return "", ""
	case len(values) > 1:
		return api.FieldProblemCodeRepeated, "must be there only once"
	case !utf8.ValidString(values[0]):
		return api.FieldProblemCodeFormat, "must be valid UTF-8"
	}
	value, code, detail := p.parse(values[0])
	if code != "" {
		return code, detail
	}
	return explain(p.schema.VisitJSON(value, openapi3.MultiErrors()))
}

func parseText(text string) (any, api.FieldProblemCode, string) { return text, "", "" }

func parseBoolean(text string) (any, api.FieldProblemCode, string) {
	if text != "true" && text != "false" {
		return nil, api.FieldProblemCodeType, "must be true or false"
	}
	return text == "true", "", ""
}

// parseTime is stricter than the validator's pattern, which knows no calendar, and accepts lower-case letters, which that does
// not.
func parseTime(text string) (any, api.FieldProblemCode, string) {
	var t api.Time
	if err := t.UnmarshalText([]byte(text)); err != nil {
		return nil, api.FieldProblemCodeFormat, "must be a time as RFC 3339 writes it, such as 2026-11-24T09:30:00Z"
	}
	return strings.ToUpper(text), "", ""
}

func parseInteger(text string) (any, api.FieldProblemCode, string) {
	if !canonicalInteger.MatchString(text) {
		return nil, api.FieldProblemCodeType, "must be an integer"
	}
	// A float holds any integer within the bounds exactly, and knows on which side of them the others are.
	n, err := strconv.ParseFloat(text, 64)
	if errors.Is(err, strconv.ErrRange) {
		n = clampInfinite(n)
	}
	return n, "", ""
}
