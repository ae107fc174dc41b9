package rest_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest/resttest"
)

// internalCodes never reach a client: the services handle these errors.
var internalCodes = []string{"password_changed", "idempotency_key_taken", "no_idempotency_record"}

// TestEveryCodeIsDocumented compares the codes in the source with the contract, its examples and the pages.
func TestEveryCodeIsDocumented(t *testing.T) {
	t.Parallel()
	returned := codesIn(t, ".", "../../domain")
	returned = slices.DeleteFunc(returned, func(code string) bool { return slices.Contains(internalCodes, code) })

	var declared []string
	for _, code := range resttest.Document(t).Components.Schemas["ProblemCode"].Value.Extensions["x-extensible-enum"].([]any) {
		declared = append(declared, code.(string))
	}
	require.ElementsMatch(t, returned, declared, "x-extensible-enum of ProblemCode")

	h := newService(t)
	var index []struct {
		Code, Title, Cause, Action, Retry string
		Status                            int
		Operations                        []string
		Example                           map[string]any
	}
	answer := h.send(http.MethodGet, "/problems", "")
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.NoError(t, json.Unmarshal(answer.body, &index))
	var documented []string
	for _, page := range index {
		documented = append(documented, page.Code)
		require.NotEmpty(t, page.Title+page.Cause+page.Action+page.Retry, page.Code)
		if slices.Contains([]string{"not_found", "method_not_allowed"}, page.Code) {
			require.Empty(t, page.Operations, "no operation returns %s", page.Code)
			continue
		}
		require.NotEmpty(t, page.Operations, "no operation shows %s", page.Code)
		require.Equal(t, page.Code, page.Example["code"])
		require.EqualValues(t, page.Status, page.Example["status"], page.Code)
		require.Equal(t, page.Title, page.Example["title"], page.Code)
		require.Equal(t, "/problems/"+page.Code, page.Example["type"])
		require.Equal(t, http.StatusOK, h.send(http.MethodGet, "/problems/"+page.Code, "").StatusCode)
	}
	require.ElementsMatch(t, declared, documented, "pages")
}

// codesIn returns the codes of all errors that the source in the folders defines.
func codesIn(t *testing.T, folders ...string) (codes []string) {
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		require.NoError(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			require.NoError(t, err)
			ast.Inspect(parsed, func(n ast.Node) bool {
				literal, ok := n.(*ast.CompositeLit)
				if !ok {
					return true
				}
				members := map[string]ast.Expr{}
				for _, element := range literal.Elts {
					if pair, ok := element.(*ast.KeyValueExpr); ok {
						if name, ok := pair.Key.(*ast.Ident); ok {
							members[name.Name] = pair.Value
						}
					}
				}
				code, ok := members["Code"].(*ast.BasicLit)
				if !ok || members["Kind"] == nil {
					return true
				}
				text, err := strconv.Unquote(code.Value)
				require.NoError(t, err)
				if !slices.Contains(codes, text) {
					codes = append(codes, text)
				}
				return true
			})
		}
	}
	return codes
}

func TestProblemPages(t *testing.T) {
	t.Parallel()
	h := newService(t)
	for _, path := range []string{"/problems", "/problems/validation"} {
		answer := h.send(http.MethodGet, path, "")
		require.Equal(t, "application/json", answer.Header.Get("Content-Type"))
		require.Contains(t, answer.Header.Values("Vary"), "Accept")

		page := h.send(http.MethodGet, path, "", "Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
		require.Equal(t, "text/html; charset=utf-8", page.Header.Get("Content-Type"))
		require.Contains(t, page.Header.Get("Content-Security-Policy"), "default-src 'none'")
		require.Contains(t, string(page.body), "validation")
		require.Equal(t, http.StatusNotModified, h.send(http.MethodGet, path, "", "Accept", "text/html", "If-None-Match", page.Header.Get("ETag")).StatusCode)
	}
	require.Equal(t, http.StatusNotFound, h.send(http.MethodGet, "/problems/no_such_code", "").StatusCode)
	require.NotContains(t, string(h.send(http.MethodGet, "/problems/%3Cscript%3E", "").body), "script")
}

func TestExamplesOfProblemsAreIndented(t *testing.T) {
	t.Parallel()
	page := newService(t).send(http.MethodGet, "/problems/validation", "", "Accept", "text/html")
	require.Contains(t, string(page.body), "<code>{\n  &#34;type&#34;: &#34;/problems/validation&#34;,\n")
}
