package rest

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"example.com/postern/api"
)

// TestWhatCannotBeEnforcedIsNotServed adds to the contract what the enforcement does not know, and must be told so.
func TestWhatCannotBeEnforcedIsNotServed(t *testing.T) {
	t.Parallel()
	text := openapi3.NewStringSchema()
	for name, change := range map[string]func(*openapi3.Operation){
		"no security":    func(op *openapi3.Operation) { op.Security = nil },
		"empty security": func(op *openapi3.Operation) { op.Security = &openapi3.SecurityRequirements{} },
		"cookie parameter": func(op *openapi3.Operation) {
			op.AddParameter(&openapi3.Parameter{Name: "x", In: "cookie", Schema: text.NewRef()})
		},
		"partial segment": func(op *openapi3.Operation) { op.AddParameter(openapi3.NewPathParameter("x").WithSchema(text)) },
		"array parameter": func(op *openapi3.Operation) {
			op.AddParameter(openapi3.NewQueryParameter("x").WithSchema(openapi3.NewArraySchema()))
		},
		"optional body":       func(op *openapi3.Operation) { op.RequestBody.Value.Required = false },
		"unnamed body schema": func(op *openapi3.Operation) { op.RequestBody.Value.Content["application/json"].Schema.Ref = "" },
		"other media type": func(op *openapi3.Operation) {
			op.RequestBody.Value.Content["text/plain"] = op.RequestBody.Value.Content["application/json"]
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec, err := api.GetSpec()
			require.NoError(t, err)
			_, err = operationsOf(spec, nil)
			require.NoError(t, err)
			change(spec.Paths.Value("/posts").Post)
			_, err = operationsOf(spec, nil)
			require.ErrorContains(t, err, "POST /posts")
		})
	}
}

func TestDeniedByDefault(t *testing.T) {
	t.Parallel()
	require.Equal(t, denied, new(operation).access)
}
