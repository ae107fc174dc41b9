package rest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest"
	"example.com/postern/domain"
)

// invalidUsers returns a user that breaks the contract.
type invalidUsers struct {
	domain.UserService
	name string
}

func (u invalidUsers) Get(context.Context, domain.UserID) (domain.User, error) {
	return domain.User{ID: 1, Name: &u.name}, nil
}

// TestCheckAnswersRejectsInvalidAnswers: with the option on, an answer that breaks the contract becomes a 500.
func TestCheckAnswersRejectsInvalidAnswers(t *testing.T) {
	t.Parallel()
	const secret = "canary-value"
	long := secret
	for len(long) <= domain.MaxName {
		long += secret
	}
	for _, on := range []bool{false, true} {
		s := newService(t, func(o *rest.Options) { o.CheckAnswers, o.Users = on, invalidUsers{o.Users, long} })
		s.client = http.DefaultClient
		got := s.send("GET", "/users/1", "")
		if !on {
			require.Equal(t, http.StatusOK, got.StatusCode)
			continue
		}
		require.Equal(t, http.StatusInternalServerError, got.StatusCode)
		require.EqualValues(t, "internal", got.problem.Code)
		require.NotContains(t, string(got.body), secret)
		require.Eventually(t, func() bool { return s.log.String() != "" }, tokenLife, 1)
		require.Contains(t, s.log.String(), "the answer 200 breaks the contract")
		require.Contains(t, s.log.String(), "member /name must have at most 100 characters")
		require.Contains(t, s.log.String(), `"level":"ERROR"`)
		require.NotContains(t, s.log.String(), secret)
	}
}

// TestCheckAnswersSendsValidAnswersUnchanged: an answer that keeps the contract is sent as it is.
func TestCheckAnswersSendsValidAnswersUnchanged(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *rest.Options) { o.CheckAnswers, o.AllowedOrigins = true, []string{"https://app.example.com"} })
	account, auth := s.signUp(adaEmail)
	require.EqualValues(t, 1, account.ID)
	created := s.sendJSON("POST", "/posts", `{"title":"t","content":"c"}`, append(auth, "Origin", "https://app.example.com")...)
	require.Equal(t, http.StatusCreated, created.StatusCode)
	require.Equal(t, "/posts/1", created.Header.Get("Location"))
	require.Equal(t, "https://app.example.com", created.Header.Get("Access-Control-Allow-Origin"))
	etag := created.Header.Get("ETag")
	require.Equal(t, http.StatusNotModified, s.send("GET", "/posts/1", "", append(auth, "If-None-Match", etag)...).StatusCode)
	require.Equal(t, http.StatusOK, s.send("HEAD", "/posts/1", "").StatusCode)
	require.Equal(t, http.StatusNotFound, s.send("GET", "/nothing", "").StatusCode)
	require.Equal(t, http.StatusMethodNotAllowed, s.send("DELETE", "/posts", "").StatusCode)
	require.Equal(t, http.StatusForbidden, s.sendForm("/login", map[string][]string{"username": {adaEmail}, "password": {"x"}}).StatusCode)
	require.Equal(t, http.StatusBadRequest, s.sendForm("/token", map[string][]string{"grant_type": {"refresh_token"}, "refresh_token": {"x"}}).StatusCode)
	require.Equal(t, http.StatusOK, s.send("GET", "/openapi.json", "").StatusCode)
	require.Equal(t, http.StatusNoContent, s.send("DELETE", "/posts/1", "", auth...).StatusCode)
}
