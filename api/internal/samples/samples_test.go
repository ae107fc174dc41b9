package samples_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"example.com/postern/api/internal/samples"
	"example.com/postern/api/internal/yamljson"
)

const contract = `
paths:
  /posts:
    parameters: []
    get: {operationId: ListPosts}
`

func add(t *testing.T, sources ...samples.Source) (string, error) {
	t.Helper()
	var document yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte(contract), &document))
	err := samples.Add(&document, sources)
	converted, encodingError := yamljson.Encode(&document)
	require.NoError(t, encodingError)
	return string(converted), err
}

func TestAdd(t *testing.T) {
	t.Parallel()
	converted, err := add(t,
		samples.Source{Lang: "Shell", Label: "curl", Text: "# All.\n\nListPosts() {\n  curl \\\n    /posts\n}\n"},
		samples.Source{Lang: "Go", Label: "Go", Text: "func ListPosts(api *API) error {\n\tif err {\n\t\treturn err\n\t}\n\treturn nil\n}\n"},
		samples.Source{Lang: "TypeScript", Label: "TypeScript", Text: "export async function listPosts() {\n  await list();\n}\n"})
	require.NoError(t, err)
	require.JSONEq(t, `{"paths": {"/posts": {"parameters": [], "get": {"operationId": "ListPosts", "x-codeSamples": [
		{"lang": "Shell", "label": "curl", "source": "curl \\\n  /posts\n"},
		{"lang": "Go", "label": "Go", "source": "if err {\n\treturn err\n}\n"},
		{"lang": "TypeScript", "label": "TypeScript", "source": "await list();\n"}
	]}}}}`, converted)
}

func TestAnOperationMayHaveNoSample(t *testing.T) {
	t.Parallel()
	converted, err := add(t, samples.Source{Label: "Go", Text: "package samples\n"})
	require.NoError(t, err)
	require.NotContains(t, converted, "x-codeSamples")
}

func TestASampleBelongsToAnOperation(t *testing.T) {
	t.Parallel()
	_, err := add(t, samples.Source{Label: "Go", Text: "func ListPosts() {\n}\n\nfunc GetPost() {\n}\n"})
	require.EqualError(t, err, "a Go sample of getpost, which is no operation")
}
