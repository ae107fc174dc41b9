package contract_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/contract"
)

func TestAccess(t *testing.T) {
	t.Parallel()
	c, err := compile(t, document)
	require.NoError(t, err)
	require.Equal(t, contract.Secured, c.Operation("PUT /notes/{id}").Access)
	require.Equal(t, contract.Public, c.Operation("POST /login").Access)
	require.Nil(t, c.Operation("GET /nothing"))
	logout := c.Operation("POST /logout")
	require.Equal(t, contract.Secured, logout.Access)
	require.Equal(t, "token", logout.TokenMember)
}

// TestDocumentsThatCannotBeEnforced: a rule that cannot be enforced is an error. It is never ignored.
func TestDocumentsThatCannotBeEnforced(t *testing.T) {
	t.Parallel()
	for change, wantError := range map[[2]string]string{
		{"security: [{bearer: []}]\n", "\n"}:                                                  "who may call",
		{"security: [{bearer: []}]", "security: []"}:                                          "who may call",
		{"x-proof: token", "x-proof: password"}:                                               "x-proof",
		{"x-proof: token", "x-proof: 7"}:                                                      "x-proof",
		{"format: tags", "format: tabs"}:                                                      "format",
		{"name: limit, in: query", "name: limit, in: cookie"}:                                 "cookie",
		{"maxLength: 2000", "maxLength: 2000, multipleOf: 2"}:                                 "multipleOf",
		{"{type: boolean}}\n        - {name: word", "{type: number}}\n        - {name: word"}: "type that is not enforced",
		{"application/merge-patch+json", "text/csv"}:                                          "text/csv",
		{"enum: [red, green]", "enum: [1]"}:                                                   "enum",
		{"required: true\n        content:\n          application/json", "required: false\n        content:\n          application/json"}: "not required",
	} {
		text := strings.Replace(document, change[0], change[1], 1)
		require.NotEqual(t, document, text, change[0])
		_, err := compile(t, text)
		require.ErrorContains(t, err, wantError, change[1])
	}
}
