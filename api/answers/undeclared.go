package answers

import (
	"fmt"
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// undeclared returns an error that names a member that the schema does not. JSON Schema lets objects grow; a server that says
// more than its contract leaks.
func undeclared(schema *openapi3.Schema, value any) error { return undeclaredAt("", schema, value) }

func undeclaredAt(pointer string, schema *openapi3.Schema, value any) error {
	switch value := value.(type) {
	case []any:
		for i, item := range value {
			if schema.Items == nil {
				return nil
			}
			if err := undeclaredAt(fmt.Sprintf("%s/%d", pointer, i), schema.Items.Value, item); err != nil {
				return err
			}
		}
	case map[string]any:
		declared := properties(schema)
		for _, name := range slices.Sorted(maps.Keys(value)) {
			property, ok := declared[name]
			if !ok {
				return fmt.Errorf("member %s/%s is not in the contract", pointer, name)
			}
			if err := undeclaredAt(pointer+"/"+name, property.Value, value[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

// properties returns what a schema and all that it is made of declare.
func properties(schema *openapi3.Schema) openapi3.Schemas {
	all := maps.Clone(schema.Properties)
	if all == nil {
		all = openapi3.Schemas{}
	}
	for _, part := range schema.AllOf {
		maps.Copy(all, properties(part.Value))
	}
	return all
}
