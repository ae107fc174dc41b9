package contract

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"example.com/postern/api"
)

// parameter is a path, query or header parameter with a single value.
type parameter struct {
	name     string
	in       api.FieldLocation
	required bool
	rule     *rule
}

func (c *compiler) parameter(path string, declared parameterSpec) (parameter, error) {
	declared, err := resolve(declared.Ref, "parameters", c.document.Components.Parameters, declared)
	if err != nil {
		return parameter{}, err
	}
	p := parameter{name: declared.Name, in: api.FieldLocation(declared.In), required: declared.Required}
	switch p.in {
	case api.FieldLocationPath:
		if !slices.Contains(strings.Split(path, "/"), "{"+p.name+"}") {
			return p, fmt.Errorf("path parameter %s is not a whole segment", p.name)
		}
	case api.FieldLocationHeader:
		p.name = http.CanonicalHeaderKey(p.name)
	}
	if !slices.Contains(locations, p.in) {
		return p, fmt.Errorf("parameter %s is in %s, which is not enforced", p.name, p.in)
	}
	if p.rule, err = c.rule(declared.Schema); err != nil {
		return p, fmt.Errorf("parameter %s: %w", p.name, err)
	}
	if !slices.Contains([]string{typeInteger, typeBoolean, typeString}, p.rule.kind) {
		return p, fmt.Errorf("parameter %s is of a type that is not enforced", p.name)
	}
	return p, nil
}

// locations lists where parameters are, in the order in which their faults are reported.
var locations = []api.FieldLocation{api.FieldLocationPath, api.FieldLocationQuery, api.FieldLocationHeader}

// checkParameters returns the faults of the path, the query and the header, in this order. Unknown query parameters
// follow the declared ones.
func (op *Operation) checkParameters(ctx checkContext, header http.Header) []api.FieldProblem {
	var found []api.FieldProblem
	for _, p := range op.parameters {
		var values []string
		switch p.in {
		case api.FieldLocationPath:
			values = []string{ctx.request.PathValue(p.name)}
		case api.FieldLocationHeader:
			values = header[p.name]
		default:
			values = ctx.query[p.name]
		}
		if f := p.check(ctx, values); f != noFault {
			found = append(found, nameProblem(p.in, p.name, f))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(ctx.query)) {
		if !op.declares(api.FieldLocationQuery, name) {
			found = append(found, nameProblem(api.FieldLocationQuery, name, unknownFault))
		}
	}
	slices.SortStableFunc(found, func(a, b api.FieldProblem) int {
		return cmp.Compare(slices.Index(locations, a.In), slices.Index(locations, b.In))
	})
	return found
}

func (op *Operation) declares(in api.FieldLocation, name string) bool {
	return slices.ContainsFunc(op.parameters, func(p parameter) bool { return p.in == in && p.name == name })
}

func (p parameter) check(ctx checkContext, values []string) Fault {
	switch {
	case len(values) == 0 && p.required:
		return missingFault
	case len(values) == 0:
		return noFault
	case len(values) > 1:
		return repeatedFault
	case !utf8.ValidString(values[0]):
		return Fault{api.FieldProblemCodeFormat, "must be valid UTF-8"}
	}
	return p.rule.checkScalar(ctx, values[0])
}
