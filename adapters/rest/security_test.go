package rest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest/resttest"
	"example.com/postern/api"
	"example.com/postern/domain"
)

// TestSecurityOfEveryOperation calls each operation of the contract with every kind of credential. The answer must
// match the security requirements of the operation. An operation without any fails the test.
func TestSecurityOfEveryOperation(t *testing.T) {
	t.Parallel()
	const noToken, badToken = "Bearer", `Bearer error="invalid_token"`
	type credential struct {
		name     string
		header   []string
		secured  string // the challenge on a secured operation, empty if the request must be accepted
		optional string // the same where a token is optional
	}
	s := newService(t)
	prepare := func() []credential {
		account, good := s.signUp(fmt.Sprintf("ada%d@example.com", len(s.events.All())))
		_, foreign := s.signUp(fmt.Sprintf("bob%d@example.com", len(s.events.All())))
		s.createPost(good, api.PostInput{Title: "t", Content: "c"})
		claims := domain.Claims{UserID: domain.UserID(account.ID), SessionID: "s", IssuedAt: s.clock.Now(), ExpiresAt: s.clock.Now().Add(time.Second)}
		expired, err := s.tokens.Issue(t.Context(), claims)
		require.NoError(t, err)
		s.clock.Advance(time.Second)
		return []credential{
			{name: "no token", secured: noToken},
			{name: "bad token", header: bearer("nonsense"), secured: badToken, optional: badToken},
			{name: "expired token", header: bearer(expired), secured: badToken, optional: badToken},
			{name: "empty token", header: []string{"Authorization", "Bearer "}, secured: badToken, optional: badToken},
			{name: "token with a tail", header: []string{"Authorization", good[1] + " x"}, secured: badToken, optional: badToken},
			{name: "two headers", header: append(append([]string{}, good...), good...), secured: badToken, optional: badToken},
			{name: "another scheme", header: []string{"Authorization", "Basic YTpi"}, secured: noToken},
			{name: "no scheme", header: []string{"Authorization", strings.TrimPrefix(good[1], "Bearer ")}, secured: noToken},
			{name: "cookie", header: []string{"Cookie", "access_token=" + strings.TrimPrefix(good[1], "Bearer ")}, secured: noToken},
			{name: "good token", header: good},
			{name: "good token of another", header: foreign},
			{name: "lower-case scheme", header: []string{"Authorization", "bearer" + strings.TrimPrefix(good[1], "Bearer")}},
			{name: "upper-case scheme", header: []string{"Authorization", "BEARER" + strings.TrimPrefix(good[1], "Bearer")}},
		}
	}
	operations, cases := 0, 0
	for _, op := range contractOperations(t) {
		operations++
		credentials := prepare()
		for i, c := range credentials {
			cases++
			t.Run(op.OperationID+"/"+c.name, func(t *testing.T) {
				s := s.at(t)
				if endsSession[op.OperationID] {
					c = prepare()[i]
				}
				got := s.send(op.method, op.exampleTarget, op.exampleBody, append(c.header, op.exampleHeader...)...)
				challenge := map[string]string{"public": "", "optional": c.optional, "secured": c.secured}[op.access]
				require.Equal(t, challenge, got.Header.Get("WWW-Authenticate"))
				if challenge == "" {
					require.NotEqual(t, http.StatusUnauthorized, got.StatusCode)
					require.Less(t, got.StatusCode, 500)
					if c.name == "good token of another" && op.access == "secured" && strings.HasSuffix(op.path, "{id}") {
						require.Contains(t, []int{http.StatusForbidden, http.StatusNotFound}, got.StatusCode, "the post belongs to another user")
					}
					return
				}
				require.Equal(t, http.StatusUnauthorized, got.StatusCode)
				require.Equal(t, map[string]string{noToken: "Not authenticated", badToken: "Could not validate credentials"}[challenge], got.problem.Detail)
			})
		}
	}
	require.GreaterOrEqual(t, operations, 24)
	t.Logf("walked %d operations, %d cases", operations, cases)
}

// endsSession lists the operations that make a token invalid.
var endsSession = map[string]bool{"Logout": true, "DeleteCurrentUser": true, "EndOtherSessions": true}

// contractOperation is an operation of the contract with a request built from its examples.
type contractOperation struct {
	*openapi3.Operation
	method, path, access       string
	exampleTarget, exampleBody string
	exampleHeader              []string
}

func contractOperations(t *testing.T) []contractOperation {
	t.Helper()
	spec := resttest.Document(t)
	var all []contractOperation
	for path, item := range spec.Paths.Map() {
		for method, declared := range item.Operations() {
			op := contractOperation{Operation: declared, method: method, path: path, access: accessByContract(t, declared)}
			op.exampleTarget = strings.ReplaceAll(path, "{id}", "1")
			for _, p := range declared.Parameters {
				if p.Value.In == openapi3.ParameterInPath {
					op.exampleTarget = strings.ReplaceAll(path, "{id}", fmt.Sprint(p.Value.Example))
				}
			}
			if body := declared.RequestBody; body != nil && declared.Extensions["x-proof"] == nil {
				op.exampleBody, op.exampleHeader = exampleBody(t, body.Value)
			}
			all = append(all, op)
		}
	}
	return all
}

func accessByContract(t *testing.T, op *openapi3.Operation) string {
	t.Helper()
	require.NotNil(t, op.Security, "%s must say who may call it", op.OperationID)
	require.NotEmpty(t, *op.Security, "%s must say who may call it", op.OperationID)
	named, empty := 0, 0
	for _, requirement := range *op.Security {
		if len(requirement) == 0 {
			empty++
		} else {
			named++
		}
	}
	switch {
	case named > 0 && empty > 0 && op.Extensions["x-proof"] == nil:
		return "optional"
	case named > 0:
		return "secured"
	}
	return "public"
}

func exampleBody(t *testing.T, body *openapi3.RequestBody) (string, []string) {
	t.Helper()
	for _, media := range []string{"application/json", "application/merge-patch+json", "application/x-www-form-urlencoded"} {
		content := body.Content[media]
		if content == nil {
			continue
		}
		for _, example := range content.Examples {
			header := []string{"Content-Type", media}
			if strings.HasSuffix(media, "json") {
				return toJSON(t, example.Value.Value), header
			}
			form := url.Values{}
			for name, value := range example.Value.Value.(map[string]any) {
				form.Set(name, value.(string))
			}
			return form.Encode(), header
		}
	}
	require.Fail(t, "no example")
	return "", nil
}

// at returns the service with the testing.T of a subtest.
func (s *service) at(t *testing.T) *service {
	copied := *s
	copied.t = t
	return &copied
}

func TestTokenIsReadFromTheHeaderOnly(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, good := s.signUp(adaEmail)
	token := strings.TrimPrefix(good[1], "Bearer ")
	require.Equal(t, http.StatusUnauthorized, s.send("GET", "/users/me?access_token="+token, "").StatusCode)
	form := s.sendForm("/posts", url.Values{"access_token": {token}})
	require.Equal(t, http.StatusUnauthorized, form.StatusCode)
	override := s.send("POST", "/posts/1", "", append(good, "X-HTTP-Method-Override", "DELETE")...)
	require.Equal(t, http.StatusMethodNotAllowed, override.StatusCode)
}

func TestHugeToken(t *testing.T) {
	t.Parallel()
	s := newService(t)
	got := s.send("GET", "/users/me", "", bearer(strings.Repeat("a", 512<<10))...)
	require.Equal(t, http.StatusUnauthorized, got.StatusCode)
	require.Equal(t, "Could not validate credentials", got.problem.Detail)
}

// TestPathVariantsNeverReachASecuredOperation: only the canonical path reaches an operation.
func TestPathVariantsNeverReachASecuredOperation(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, good := s.signUp(adaEmail)
	for _, target := range []string{
		"//users/me", "/users//me", "/./users/me", "/x/../users/me", "/users/me//", "/users%2fme", "/users%2Fme", "/Users/me",
		"/users/ME/", "/users;x/me", "/users/me;x", "/%2e/users/me", "/users/%2e%2e/users/me", `/users\me`, "/users/me%00",
		"/users/me%2f", "/users/me%2F", "/users%2F", "/posts/1%2f", "/posts/1%2F2",
	} {
		for _, header := range [][]string{nil, good} {
			got := s.send("GET", target, "", header...)
			require.Contains(t, []int{http.StatusNotFound, http.StatusUnprocessableEntity}, got.StatusCode, target)
			require.Empty(t, got.Header.Get("Location"), target)
		}
	}
	for _, target := range []string{"/users/me/", "/users/%6de"} {
		require.Equal(t, http.StatusUnauthorized, s.send("GET", target, "").StatusCode, target)
		require.Equal(t, http.StatusOK, s.send("GET", target, "", good...).StatusCode, target)
	}
}
