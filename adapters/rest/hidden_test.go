package rest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
	"example.com/postern/domain"
)

func (s *service) setHidden(post api.Post, hidden bool) {
	s.t.Helper()
	require.NoError(s.t, s.store.Posts().SetHidden(s.t.Context(), domain.PostID(post.ID), hidden))
}

// TestTheOwnerOfAHiddenPost reads, edits and deletes it, but cannot show it again.
func TestTheOwnerOfAHiddenPost(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, owner := s.signUp(adaEmail)
	post := s.createPost(owner, api.PostInput{Title: "t", Content: "c"})
	path := fmt.Sprintf("/posts/%d", post.ID)
	shown := s.send("GET", path, "", owner...)
	require.NotContains(t, membersOf(t, shown), "hidden")
	require.Equal(t, "no-cache", shown.Header.Get("Cache-Control"))

	s.setHidden(post, true)
	hidden := s.send("GET", path, "", append([]string{"If-None-Match", shown.Header.Get("ETag")}, owner...)...)
	require.Equal(t, http.StatusOK, hidden.StatusCode, "the entity tag changes")
	require.Equal(t, "private, no-store", hidden.Header.Get("Cache-Control"))
	var seen api.Post
	hidden.decode(t, &seen)
	require.Equal(t, seen.ETag, hidden.Header.Get("ETag"))
	want := post
	want.ETag, want.Hidden = seen.ETag, new(true)
	require.Equal(t, want, seen)

	// The owner can write back the members that were read. Hiding keeps the version, so the earlier entity tag allows the
	// edit.
	for _, body := range []string{toJSON(t, seen), `{"title":"t","content":"c","published":true,"hidden":false}`, `{"title":"t","content":"c","published":false}`} {
		written := s.sendJSON("PUT", path, body, owner...)
		require.Equal(t, http.StatusOK, written.StatusCode, string(written.body))
		require.Contains(t, string(written.body), `"hidden":true`)
		require.Empty(t, s.postIDs("/posts"))
	}
	s.setHidden(post, false)
	again := s.send("GET", path, "", owner...)
	require.Contains(t, string(again.body), `"published":false`, "the last wish of the owner counts")
	require.NotContains(t, membersOf(t, again), "hidden")
	s.setHidden(post, true)
	require.Equal(t, http.StatusNoContent, s.send("DELETE", path, "", owner...).StatusCode)
	require.Equal(t, http.StatusNotFound, s.send("GET", path, "", owner...).StatusCode)
}

// TestASuspendedAccount logs in to a suspended account. Only the right password reveals that it is suspended.
func TestASuspendedAccount(t *testing.T) {
	t.Parallel()
	s := newService(t)
	account, auth := s.signUp(adaEmail)
	post := s.createPost(auth, api.PostInput{Title: "t", Content: "c"})
	now := s.clock.Now()
	require.NoError(t, s.store.Users().SetSuspended(t.Context(), domain.UserID(account.ID), &now))

	right := s.sendForm("/login", url.Values{"username": {adaEmail}, "password": {adaPassword}})
	require.Equal(t, http.StatusForbidden, right.StatusCode)
	require.Equal(t, api.ProblemCodeAccountSuspended, right.problem.Code)
	token := s.sendForm("/token", passwordForm(adaPassword)).oauth(t)
	require.Equal(t, api.OAuthErrorCodeInvalidGrant, token.Error)
	require.Equal(t, api.ProblemCodeAccountSuspended, token.Code)
	wrong, unknown := s.sendForm("/login", url.Values{"username": {adaEmail}, "password": {"wrong"}}), s.sendForm("/login", url.Values{"username": {"eve@example.com"}, "password": {"wrong"}})
	require.Equal(t, api.ProblemCodeInvalidCredentials, wrong.problem.Code)
	wrong.problem.RequestID, wrong.problem.TraceID = unknown.problem.RequestID, unknown.problem.TraceID
	require.Equal(t, unknown.problem, wrong.problem)

	require.Equal(t, http.StatusOK, s.send("GET", fmt.Sprintf("/users/%d", account.ID), "").StatusCode)
	require.Equal(t, []int64{post.ID}, s.postIDs("/posts"))
	taken := s.sendJSON("POST", "/users", fmt.Sprintf(`{"email":%q,"password":%q}`, adaEmail, adaPassword))
	require.Equal(t, http.StatusConflict, taken.StatusCode)
}
