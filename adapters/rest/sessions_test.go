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

func TestSessionsAreListed(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, here := s.signUp(adaEmail)
	s.signUp("bob@example.com")
	s.clock.Advance(time.Minute)
	s.logIn(adaEmail)
	sessions := s.sessions(here)
	require.Len(t, sessions, 2)
	require.Equal(t, []bool{false, true}, []bool{sessions[0].Current, sessions[1].Current}, "the newest first")
	require.Equal(t, "127.0.0.1", sessions[1].IP)
	require.NotEmpty(t, sessions[1].UserAgent)
	require.Equal(t, s.clock.Now(), sessions[0].CreatedAt.Time)
	require.Equal(t, s.clock.Now(), sessions[0].RefreshedAt.Time)
	require.Equal(t, s.clock.Now().Add(sessionIdle), sessions[0].ExpiresAt.Time)
}

func TestAccountName(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	patch := func(body string) answer { return s.sendJSON("PATCH", "/users/me", body, auth...) }
	require.JSONEq(t, `{"id":1,"email":"ada@example.com","email_verified_at":null,"name":"Ada 🦉","created_at":"2026-11-24T09:30:00.123456Z"}`, string(patch(`{"name":"Ada 🦉"}`).body))
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

func TestNewPasswordIsRejectedWithAReason(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	for password, reason := range map[string]string{"password1": "password_too_common", adaEmail: "password_guessable"} {
		body := toJSON(t, api.PasswordChange{CurrentPassword: adaPassword, NewPassword: password})
		got := s.sendJSON("PUT", "/users/me/password", body, auth...)
		require.Equal(t, []string{"body /new_password " + reason}, got.fields())
	}
}

func TestAccountDeletion(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, old := s.signUp(adaEmail)
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
}
