package postern_test

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	postern "example.com/postern"
)

// The tests in this file are the house rules of openapi.yaml. make lint runs them.

func load(t *testing.T) *openapi3.T {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromData(postern.OpenAPI)
	require.NoError(t, err)
	return spec
}

func operations(t *testing.T, check func(t *testing.T, method, path string, op *openapi3.Operation)) {
	t.Helper()
	for path, item := range load(t).Paths.Map() {
		for method, op := range item.Operations() {
			t.Run(method+" "+path, func(t *testing.T) { check(t, method, path, op) })
		}
	}
}

func TestSpecIsValid(t *testing.T) {
	t.Parallel()
	spec := load(t)
	require.Equal(t, "3.0.3", spec.OpenAPI)
	require.NoError(t, spec.Validate(t.Context(), openapi3.EnableExamplesValidation()))
}

func TestOperationsAreDescribed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	operations(t, func(t *testing.T, _, _ string, op *openapi3.Operation) {
		require.Regexp(t, `^[A-Z][A-Za-z]+$`, op.OperationID)
		require.False(t, seen[op.OperationID], "operationId is not unique")
		seen[op.OperationID] = true
		require.Len(t, op.Tags, 1)
		require.NotEmpty(t, op.Summary)
		require.NotEmpty(t, op.Description)
		require.NotNil(t, op.Security, "must state who may call it")
		require.NotEmpty(t, *op.Security, "must state who may call it: [{}] if everyone may")
	})
}

func TestBodiesHaveExamples(t *testing.T) {
	t.Parallel()
	operations(t, func(t *testing.T, _, _ string, op *openapi3.Operation) {
		if op.RequestBody != nil {
			if op.OperationID != "Logout" { // the server treats a missing form as an empty one
				require.True(t, op.RequestBody.Value.Required, "an optional body is a nil pointer in the generated server")
			}
			for media, content := range op.RequestBody.Value.Content {
				require.NotEmpty(t, content.Examples, media)
				require.True(t, strings.HasPrefix(content.Schema.Ref, "#/components/schemas/"), "define the schema as a component")
			}
		}
		for status, response := range op.Responses.Map() {
			for media, content := range response.Value.Content {
				require.NotEmpty(t, content.Examples, "%s %s", status, media)
			}
		}
	})
}

func TestErrorsAreProblems(t *testing.T) {
	t.Parallel()
	operations(t, func(t *testing.T, _, _ string, op *openapi3.Operation) {
		for _, status := range []string{"400", "422", "500"} {
			require.NotNil(t, op.Responses.Value(status), "%s can always occur", status)
		}
		for status, response := range op.Responses.Map() {
			require.Contains(t, response.Value.Headers, "X-Request-Id", status)
			require.Contains(t, response.Value.Headers, "Cache-Control", status)
			if status[0] < '4' {
				continue
			}
			require.True(t, strings.HasPrefix(response.Ref, "#/components/responses/"), "define the response %s as a component", status)
			require.Len(t, response.Value.Content, 1)
			if op.OperationID == "CreateToken" && status == "400" { // RFC 6749, section 5.2
				require.Equal(t, "#/components/schemas/OAuthError", response.Value.Content["application/json"].Schema.Ref)
				continue
			}
			require.Equal(t, "#/components/schemas/Problem", response.Value.Content["application/problem+json"].Schema.Ref)
			if header := map[string]string{"401": "WWW-Authenticate", "429": "Retry-After", "503": "Retry-After"}[status]; header != "" {
				require.Contains(t, response.Value.Headers, header, status)
			}
		}
	})
}

func TestSecuredOperationsDeclare401(t *testing.T) {
	t.Parallel()
	operations(t, func(t *testing.T, _, _ string, op *openapi3.Operation) {
		secured := false
		for _, requirement := range *op.Security {
			secured = secured || len(requirement) > 0
		}
		require.Equal(t, secured, op.Responses.Value("401") != nil)
	})
}

func TestBodiesDeclare413And415(t *testing.T) {
	t.Parallel()
	operations(t, func(t *testing.T, _, _ string, op *openapi3.Operation) {
		for _, status := range []string{"413", "415"} {
			require.Equal(t, op.RequestBody != nil, op.Responses.Value(status) != nil, status)
		}
	})
}

func TestJSONBodiesAreClosed(t *testing.T) {
	t.Parallel()
	operations(t, func(t *testing.T, _, _ string, op *openapi3.Operation) {
		if op.RequestBody == nil || op.RequestBody.Value.Content["application/json"] == nil {
			return
		}
		closed := op.RequestBody.Value.Content["application/json"].Schema.Value.AdditionalProperties.Has
		require.True(t, closed != nil && !*closed, "additionalProperties must be false")
	})
}
