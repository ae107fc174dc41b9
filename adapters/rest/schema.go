package rest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	postern "example.com/postern"
	"example.com/postern/api"
)

// check returns what is wrong with a body's value: its members in the contract's order, unknown ones last, one problem
// each.
func (b *body) check(value any, faults []fault) []api.FieldProblem {
	found := map[string]api.FieldProblem{}
	for _, f := range faults {
		found[f.pointer] = bodyProblem(f.pointer, f.code, f.detail)
	}
	for _, err := range schemaErrors(b.schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsRequest())) {
		if err.SchemaField == "properties" {
			addUnknown(found, err)
			continue
		}
		pointer := jsonPointer(err.JSONPointer())
		if _, told := found[pointer]; !told {
			code, detail := explainOne(err)
			found[pointer] = bodyProblem(pointer, code, detail)
		}
	}
	pointers := slices.SortedFunc(maps.Keys(found), func(a, c string) int {
		return cmpPointers(b.order, a, c)
	})
	problems := make([]api.FieldProblem, len(pointers))
	for i, pointer := range pointers {
		problems[i] = found[pointer]
	}
	return problems
}

// maxPointer bounds how much of a path through members that a client made up is told back.
const maxPointer = 300

func bodyProblem(pointer string, code api.FieldProblemCode, detail string) api.FieldProblem {
	pointer = shorten(pointer, maxPointer)
	return api.FieldProblem{In: api.FieldLocationBody, Pointer: &pointer, Code: code, Detail: detail}
}

// addUnknown adds every member that the schema of an object does not name; the validator's errors do not tell which.
func addUnknown(found map[string]api.FieldProblem, err *openapi3.SchemaError) {
	object, _ := err.Value.(map[string]any)
	for name := range object {
		if _, known := err.Schema.Properties[name]; !known {
			pointer := jsonPointer(append(err.JSONPointer(), shorten(name, maxName)))
			found[pointer] = bodyProblem(pointer, api.FieldProblemCodeUnknown, "is not known here")
		}
	}
}

func schemaErrors(err error) []*openapi3.SchemaError {
	var many openapi3.MultiError
	if errors.As(err, &many) {
		var all []*openapi3.SchemaError
		for _, one := range many {
			all = append(all, schemaErrors(one)...)
		}
		return all
	}
	var one *openapi3.SchemaError
	if errors.As(err, &one) {
		return []*openapi3.SchemaError{one}
	}
	return nil
}

// cmpPointers compares by the place of the first member in order; those that are not in it come last, by name.
func cmpPointers(order []string, a, b string) int {
	if c := rank(order, a) - rank(order, b); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

func rank(order []string, pointer string) int {
	first, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if i := slices.Index(order, first); i >= 0 || pointer == "" {
		return i
	}
	return len(order)
}

func jsonPointer(path []string) string {
	var pointer strings.Builder
	for _, name := range path {
		pointer.WriteString("/" + escapePointer(name))
	}
	return pointer.String()
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

func escapePointer(name string) string { return pointerEscapes.Replace(name) }

// propertyOrder returns the properties of every component schema in the order in which openapi.yaml has them, which a map
// forgets.
func propertyOrder() (map[string][]string, error) {
	var document struct {
		Components struct {
			Schemas map[string]struct {
				Properties yaml.Node `yaml:"properties"`
			} `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(postern.OpenAPI, &document); err != nil {
		return nil, fmt.Errorf("rest: read the order of properties: %w", err)
	}
	order := map[string][]string{}
	for name, schema := range document.Components.Schemas {
		for i := 0; i < len(schema.Properties.Content); i += 2 {
			order[name] = append(order[name], schema.Properties.Content[i].Value)
		}
	}
	return order, nil
}
