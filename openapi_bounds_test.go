package postern_test

import (
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

// TestEverythingIsBoundedAndDescribed: every value in the contract has a maximum size and a description.
func TestEverythingIsBoundedAndDescribed(t *testing.T) {
	t.Parallel()
	spec := load(t)
	for name, schema := range spec.Components.Schemas {
		t.Run(name, func(t *testing.T) { requireBounded(t, name, schema) })
	}
	for name, parameter := range spec.Components.Parameters {
		require.NotEmpty(t, parameter.Value.Description, name)
		requireBounded(t, name, parameter.Value.Schema)
	}
	for name, header := range spec.Components.Headers {
		require.NotEmpty(t, header.Value.Description, name)
		requireBounded(t, name, header.Value.Schema)
	}
	operations(t, func(t *testing.T, _, _ string, op *openapi3.Operation) {
		for _, parameter := range op.Parameters {
			require.True(t, parameter.Ref != "", "define the parameter %s as a component", parameter.Value.Name)
		}
		for status, response := range op.Responses.Map() {
			for name, header := range response.Value.Headers {
				require.NotEmpty(t, header.Value.Description, "%s %s", status, name)
				requireBounded(t, status+" "+name, header.Value.Schema)
			}
		}
	})
}

func requireBounded(t *testing.T, name string, ref *openapi3.SchemaRef) {
	t.Helper()
	s := ref.Value
	switch {
	case len(s.AllOf) > 0:
		for _, part := range s.AllOf {
			requireBounded(t, name, part)
		}
	case s.Type.Is(openapi3.TypeString):
		require.True(t, s.MaxLength != nil || len(s.Enum) > 0, "%s has no maxLength", name)
		require.LessOrEqual(t, s.MinLength, maxLength(s), name)
	case s.Type.Is(openapi3.TypeInteger):
		require.True(t, s.Min != nil && s.Max != nil && s.Format != "", "%s has no bounds", name)
	case s.Type.Is(openapi3.TypeArray):
		require.NotNil(t, s.MaxItems, "%s has no maxItems", name)
		requireBounded(t, name+"[]", s.Items)
	case s.Type.Is(openapi3.TypeObject):
		for member, property := range s.Properties {
			require.NotEmpty(t, property.Value.Description, "%s.%s has no description", name, member)
			requireBounded(t, name+"."+member, property)
		}
	default:
		require.True(t, s.Type.Is(openapi3.TypeBoolean), "%s has no type", name)
	}
}

func maxLength(s *openapi3.Schema) uint64 {
	if s.MaxLength == nil {
		return 1 << 20 // an enum
	}
	return *s.MaxLength
}

// maxUnpaged is the maximum length of a list without pagination.
const maxUnpaged = 100

// TestListsAreBounded: a list either has pages with Link, limit and cursor, or a small maximum length.
func TestListsAreBounded(t *testing.T) {
	t.Parallel()
	lists := 0
	operations(t, func(t *testing.T, method, _ string, op *openapi3.Operation) {
		for status, response := range op.Responses.Map() {
			content := response.Value.Content["application/json"]
			if content == nil || !content.Schema.Value.Type.Is(openapi3.TypeArray) {
				continue
			}
			lists++
			require.Equal(t, http.MethodGet, method)
			require.NotNil(t, content.Schema.Value.MaxItems)
			limit, cursor := op.Parameters.GetByInAndName("query", "limit"), op.Parameters.GetByInAndName("query", "cursor")
			if response.Value.Headers["Link"] == nil {
				require.LessOrEqual(t, *content.Schema.Value.MaxItems, uint64(maxUnpaged), "%s: paginate it", status)
				require.True(t, limit == nil && cursor == nil, "a list with limit or cursor needs a Link header")
				continue
			}
			require.True(t, limit != nil && cursor != nil, "a list with a Link header needs limit and cursor")
			require.EqualValues(t, *limit.Schema.Value.Max, *content.Schema.Value.MaxItems, "limit and maxItems differ")
			require.NotNil(t, limit.Schema.Value.Default)
		}
	})
	require.GreaterOrEqual(t, lists, 3)
}
