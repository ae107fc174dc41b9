package rest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/postern/api"
)

// parameter is a path or query parameter of one value.
type parameter struct {
	name     string
	in       api.FieldLocation
	required bool
	integer  bool
	schema   *openapi3.Schema
	segment  int // where a path parameter stands in the path

	rule func(value string) error // beyond the schema; may be nil
}

func newParameter(declared *openapi3.Parameter, segments []string) (parameter, error) {
	p := parameter{name: declared.Name, in: api.FieldLocation(declared.In), required: declared.Required, schema: declared.Schema.Value}
	switch {
	case p.in == api.FieldLocationPath:
		if p.segment = slices.Index(segments, "{"+p.name+"}"); p.segment < 0 {
			return p, fmt.Errorf("path parameter %s is no segment of its own", p.name)
		}
	case p.in != api.FieldLocationQuery:
		return p, fmt.Errorf("parameter %s is in %s, which is not enforced", p.name, p.in)
	}
	switch {
	case p.schema.Type.Is(openapi3.TypeInteger):
		p.integer = true
	case !p.schema.Type.Is(openapi3.TypeString):
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

// checkParameters returns what is wrong with the path and the query, in the contract's order; unknown names come last.
func (op *operation) checkParameters(path string, query url.Values) []api.FieldProblem {
	var found []api.FieldProblem
	given := strings.Split(path, "/")
	for _, p := range op.parameters {
		values := query[p.name]
		if p.in == api.FieldLocationPath {
			values = given[p.segment : p.segment+1]
		}
		if code, detail := p.check(values); code != "" {
			found = append(found, parameterProblem(p.in, p.name, code, detail))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !slices.ContainsFunc(op.parameters, func(p parameter) bool { return p.in == api.FieldLocationQuery && p.name == name }) {
			found = append(found, parameterProblem(api.FieldLocationQuery, shorten(name, maxName), api.FieldProblemCodeUnknown, "is not known here"))
		}
	}
	return found
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
	if !p.integer {
		if code, detail = explain(p.schema.VisitJSON(values[0], openapi3.MultiErrors())); code == "" && p.rule != nil {
			if err := p.rule(values[0]); err != nil {
				return api.FieldProblemCodeFormat, err.Error()
			}
		}
		return code, detail
	}
	if !canonicalInteger.MatchString(values[0]) {
		return api.FieldProblemCodeType, "must be an integer"
	}
	// A float holds any integer within the bounds exactly, and knows on which side of them the others are.
	n, err := strconv.ParseFloat(values[0], 64)
	if errors.Is(err, strconv.ErrRange) {
		n = clampInfinite(n)
	}
	return explain(p.schema.VisitJSON(n, openapi3.MultiErrors()))
}
