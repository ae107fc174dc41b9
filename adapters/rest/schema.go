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
	takeUnknown(b.schema, value, "", found)
	for _, err := range schemaErrors(b.schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsRequest())) {
		pointer := jsonPointer(err.JSONPointer())
		if _, told := found[pointer]; !told {
			code, detail := explainOne(err)
			found[pointer] = bodyProblem(pointer, code, detail)
		}
	}
	b.checkRules(value, found)
	pointers := slices.SortedFunc(maps.Keys(found), func(a, c string) int {
		return cmpPointers(b.order, a, c)
	})
	problems := make([]api.FieldProblem, len(pointers))
	for i, pointer := range pointers {
		problems[i] = found[pointer]
	}
	return problems
}

// checkRules adds what the domain finds wrong with the members that the schema finds nothing wrong with, so that all is
// told at once.
func (b *body) checkRules(value any, found map[string]api.FieldProblem) {
	object, isObject := value.(map[string]any)
	if b.rules == nil || !isObject || len(found) == 0 {
		return // without problems the domain is asked anyway
	}
	for _, f := range b.rules(object) {
		pointer := "/" + f.Field
		_, given := object[f.Field].(string)
		if _, told := found[pointer]; given && !told {
			found[pointer] = bodyProblem(pointer, api.FieldProblemCode(f.Code), f.Message)
		}
	}
}

// maxPointer bounds how much of a path through members that a client made up is told back.
const maxPointer = 100

func bodyProblem(pointer string, code api.FieldProblemCode, detail string) api.FieldProblem {
	pointer = shorten(pointer, maxPointer)
	return api.FieldProblem{In: api.FieldLocationBody, Pointer: &pointer, Code: code, Detail: detail}
}

// maxFound bounds the work on a body that is wrong throughout. Far fewer are told.
const maxFound = 1000

// takeUnknown takes the members that closed objects do not name out of a value, and tells of them. The validator's errors
// do not say which they are, and there may be very many.
func takeUnknown(s *openapi3.Schema, value any, pointer string, found map[string]api.FieldProblem) {
	object, isObject := value.(map[string]any)
	if !isObject {
		return
	}
	closed := s.AdditionalProperties.Has != nil && !*s.AdditionalProperties.Has
	for name, member := range object {
		at := pointer + "/" + escapePointer(name)
		if property := s.Properties[name]; property != nil {
			takeUnknown(property.Value, member, at, found)
		} else if closed {
			delete(object, name)
			if len(found) < maxFound {
				found[at] = bodyProblem(at, api.FieldProblemCodeUnknown, "is not known here")
			}
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
