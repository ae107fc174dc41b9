package contract_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
	"example.com/postern/api/contract"
)

const validProblem = `{"type":"/problems/not_found","title":"Not Found","status":404,"detail":"x","code":"not_found","request_id":"mine"}`

// TestAnswers changes a valid answer in one way at a time.
func TestAnswers(t *testing.T) {
	t.Parallel()
	answers, err := contract.NewAnswers(api.OpenAPI)
	require.NoError(t, err)
	const post = `{"id":1,"etag":"\"1-x\"","title":"t","content":"c","published":true,"owner_id":1,"owner":{"id":1,"name":null},"votes":0,"version":1,` +
		`"created_at":"2026-11-24T09:31:00.000000Z","updated_at":"2026-11-24T09:31:00.000000Z","published_at":null}`
	oauth := strings.NewReplacer("404", "400", "Not Found", "Bad Request", "}", `,"error":"invalid_grant","error_description":"x"}`).Replace(validProblem)
	jsonType, problemType := []string{"Content-Type", "application/json"}, []string{"Content-Type", "application/problem+json"}
	for name, c := range map[string]struct {
		method, path    string
		status          int
		header          []string
		body, wantError string
	}{
		"as declared":                     {"GET", "/posts/1", 200, jsonType, post, ""},
		"a slash behind it":               {"GET", "/posts/1/", 200, jsonType, post, ""},
		"nothing, as declared":            {"DELETE", "/posts/1", 204, nil, "", ""},
		"a problem, as declared":          {"GET", "/posts/1", 404, problemType, validProblem, ""},
		"a problem at an unknown path":    {"GET", "/nothing", 404, problemType, validProblem, ""},
		"an error of OAuth":               {"POST", "/token", 400, jsonType, oauth, ""},
		"an undeclared status":            {"GET", "/posts/1", 202, jsonType, post, "status 202 is not declared"},
		"an undeclared media type":        {"GET", "/posts/1", 200, []string{"Content-Type", "text/json"}, post, "Content-Type \"text/json\" is not declared"},
		"an undeclared member":            {"GET", "/posts/1", 200, jsonType, strings.Replace(post, `"votes"`, `"views":1,"votes"`, 1), "member /views is not in the contract"},
		"an undeclared nested member":     {"GET", "/posts", 200, jsonType, "[" + strings.Replace(post, `"name"`, `"email":"","name"`, 1) + "]", "member /owner/email is not in the contract"},
		"an undeclared member of OAuth":   {"POST", "/token", 400, jsonType, strings.Replace(oauth, `"error"`, `"trace":"","error"`, 1), "member /trace is not in the contract"},
		"a member of another type":        {"GET", "/posts/1", 200, jsonType, strings.Replace(post, `"votes":0`, `"votes":"0"`, 1), "integer"},
		"a missing member":                {"GET", "/posts/1", 200, jsonType, strings.Replace(post, `"votes":0,`, ``, 1), "member /votes is required"},
		"a body where none is":            {"DELETE", "/posts/1", 204, nil, "x", "the answer has a body"},
		"no header that is required":      {"POST", "/users", 201, jsonType, `{"id":1,"email":"a@b.example","name":null,"created_at":"2026-11-24T09:31:00.000000Z"}`, "Location"},
		"a header of another form":        {"GET", "/posts/1", 200, append([]string{"ETag", "x"}, jsonType...), post, "header ETag must match"},
		"no security header":              {"GET", "/posts/1", 200, append([]string{"Referrer-Policy", ""}, jsonType...), post, "Referrer-Policy"},
		"401 without a challenge":         {"GET", "/users/me", 401, problemType, validProblem, "WWW-Authenticate"},
		"405 without Allow":               {"PUT", "/posts", 405, problemType, validProblem, "Allow"},
		"503 without Retry-After":         {"GET", "/posts", 503, problemType, validProblem, "Retry-After"},
		"a problem of another media":      {"GET", "/posts/1", 404, jsonType, validProblem, "Content-Type \"application/json\" is not declared"},
		"a problem of another status":     {"GET", "/posts/1", 422, problemType, validProblem, "status or identifier"},
		"a problem of another request":    {"GET", "/posts/1", 404, problemType, strings.Replace(validProblem, "mine", "yours", 1), "status or identifier of another request"},
		"a problem with a malformed code": {"GET", "/posts/1", 404, problemType, strings.Replace(validProblem, `"not_found"`, `"Lost"`, 1), "member /code must match"},
		"no UTF-8":                        {"GET", "/posts/1", 200, jsonType, strings.Replace(post, `"t"`, "\"\xff\"", 1), "UTF-8"},
	} {
		answer := httptest.NewRecorder()
		for _, name := range []string{"Cache-Control", "Content-Security-Policy", "Cross-Origin-Resource-Policy", "Referrer-Policy", "X-Content-Type-Options"} {
			answer.Header().Set(name, "x")
		}
		answer.Header().Set("X-Request-Id", "mine")
		answer.Header().Set("ETag", `"1-x"`)
		answer.Header().Set("Vary", "Authorization")
		for i := 0; i < len(c.header); i += 2 {
			answer.Header().Set(c.header[i], c.header[i+1])
		}
		answer.Code = c.status
		err := answers.Check(httptest.NewRequest(c.method, c.path, http.NoBody), answer.Result(), []byte(c.body))
		if c.wantError == "" {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, c.wantError, name)
		}
	}
}
