package rest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
)

func (s *service) sessions(auth []string) []api.Session {
	s.t.Helper()
	got := s.send("GET", "/sessions", "", auth...)
	require.Equal(s.t, http.StatusOK, got.StatusCode, string(got.body))
	var sessions []api.Session
	got.decode(s.t, &sessions)
	return sessions
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, here := s.signUp(adaEmail)
	_, bob := s.signUp("bob@example.com")
	s.clock.Advance(time.Minute)
	there := bearer(s.logIn(adaEmail).AccessToken)
	sessions := s.sessions(here)
	require.Len(t, sessions, 2)
	require.Equal(t, []bool{false, true}, []bool{sessions[0].Current, sessions[1].Current}, "the newest first")
	require.Equal(t, "127.0.0.1", sessions[1].IP)
	require.NotEmpty(t, sessions[1].UserAgent)
	require.Equal(t, s.clock.Now(), sessions[0].CreatedAt.Time)
	require.Equal(t, s.clock.Now(), sessions[0].RefreshedAt.Time)
	require.Equal(t, s.clock.Now().Add(sessionIdle), sessions[0].ExpiresAt.Time)

	foreign := s.send("DELETE", "/sessions/"+sessions[0].ID, "", bob...)
	require.Equal(t, api.ProblemCodeSessionNotFound, foreign.problem.Code)
	require.Equal(t, http.StatusNoContent, s.send("DELETE", "/sessions/"+sessions[0].ID, "", here...).StatusCode)
	require.Equal(t, http.StatusUnauthorized, s.send("GET", "/users/me", "", there...).StatusCode)
	require.Equal(t, http.StatusNotFound, s.send("DELETE", "/sessions/"+sessions[0].ID, "", here...).StatusCode)
	require.Equal(t, http.StatusUnprocessableEntity, s.send("DELETE", "/sessions/1", "", here...).StatusCode)

	third := bearer(s.logIn(adaEmail).AccessToken)
	require.Equal(t, http.StatusNoContent, s.send("DELETE", "/sessions", "", here...).StatusCode)
	require.Equal(t, http.StatusUnauthorized, s.send("GET", "/users/me", "", third...).StatusCode)
	require.Len(t, s.sessions(here), 1)
	require.Len(t, s.sessions(bob), 1)
}

func TestAccountName(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	patch := func(body string) answer { return s.sendJSON("PATCH", "/users/me", body, auth...) }
	require.JSONEq(t, `{"id":1,"email":"ada@example.com","name":"Ada 🦉","created_at":"2026-11-24T09:30:00.123456Z"}`, string(patch(`{"name":"Ada 🦉"}`).body))
	require.Contains(t, string(patch(`{}`).body), "Ada 🦉", "an absent member is not changed")
	post := s.createPost(auth, api.PostInput{Title: "t", Content: "c"})
	require.Equal(t, "Ada 🦉", *post.Owner.Name)
	merge := s.send("PATCH", "/users/me", `{"name":null}`, append([]string{"Content-Type", "application/merge-patch+json"}, auth...)...)
	require.Contains(t, string(merge.body), `"name":null`)
	for body, fields := range map[string][]string{
		`{"name":""}`:               {"body /name min_length"},
		`{"name":7}`:                {"body /name type"},
		`{"name":"a\u0000"}`:        {"body /name pattern"},
		`{"email":"b@example.com"}`: {"body /email unknown"},
	} {
		got := patch(body)
		require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode, body)
		require.Equal(t, fields, got.fields(), body)
	}
	require.Equal(t, http.StatusUnsupportedMediaType, s.send("PATCH", "/users/me", `{}`, append([]string{"Content-Type", "text/plain"}, auth...)...).StatusCode)
}

func TestPasswordChange(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, here := s.signUp(adaEmail)
	there := bearer(s.logIn(adaEmail).AccessToken)
	change := func(current, next string) answer {
		return s.sendJSON("PUT", "/users/me/password", toJSON(t, api.PasswordChange{CurrentPassword: current, NewPassword: next}), here...)
	}
	wrong := change("wrong", "a new and better password")
	require.Equal(t, http.StatusForbidden, wrong.StatusCode)
	require.Equal(t, api.ProblemCodeInvalidCredentials, wrong.problem.Code)
	common := change(adaPassword, "password1")
	require.Equal(t, []string{"body /new_password password_too_common"}, common.fields())
	require.Equal(t, []string{"body /new_password password_guessable"}, change(adaPassword, adaEmail).fields())
	require.Equal(t, http.StatusOK, s.send("GET", "/users/me", "", there...).StatusCode)

	require.Equal(t, http.StatusNoContent, change(adaPassword, "a new and better password").StatusCode)
	require.Equal(t, http.StatusUnauthorized, s.send("GET", "/users/me", "", there...).StatusCode)
	require.Equal(t, http.StatusOK, s.send("GET", "/users/me", "", here...).StatusCode, "the current session continues")
	require.Equal(t, http.StatusForbidden, s.sendForm("/login", passwordForm(adaPassword)).StatusCode)
	require.Equal(t, http.StatusOK, s.sendForm("/login", passwordForm("a new and better password")).StatusCode)
}

func TestAccountDeletion(t *testing.T) {
	t.Parallel()
	s := newService(t)
	account, old := s.signUp(adaEmail)
	post := s.createPost(old, api.PostInput{Title: "t", Content: "c"})
	s.clock.Advance(10*time.Minute + time.Microsecond)
	late := s.send("DELETE", "/users/me", "", old...)
	require.Equal(t, http.StatusForbidden, late.StatusCode)
	require.Equal(t, api.ProblemCodeReauthenticationRequired, late.problem.Code)
	fresh := bearer(s.logIn(adaEmail).AccessToken)
	require.Equal(t, http.StatusNoContent, s.send("DELETE", "/users/me", "", fresh...).StatusCode)
	for _, auth := range [][]string{old, fresh} {
		for _, op := range contractOperations(t) {
			if op.access == "secured" {
				got := s.send(op.method, op.exampleTarget, op.exampleBody, append(auth, op.exampleHeader...)...)
				require.Equal(t, http.StatusUnauthorized, got.StatusCode, op.OperationID)
			}
		}
	}
	require.Equal(t, http.StatusNotFound, s.send("GET", "/users/1", "").StatusCode)
	require.Equal(t, http.StatusNotFound, s.send("GET", "/posts/1", "").StatusCode)
	require.JSONEq(t, `[]`, string(s.send("GET", "/posts", "").body))
	require.Equal(t, http.StatusForbidden, s.sendForm("/login", passwordForm(adaPassword)).StatusCode)
	again, _ := s.signUp(adaEmail)
	require.NotEqual(t, account.ID, again.ID, "the address is available, but the identifier is never reused")
	require.Equal(t, post.OwnerID, account.ID)
}
