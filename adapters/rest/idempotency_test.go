package rest_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	create := func(auth []string, key, body string) answer {
		return s.sendJSON("POST", "/posts", body, append([]string{"Idempotency-Key", key}, auth...)...)
	}
	const body = `{"title":"t","content":"c"}`
	first := create(auth, "key", body)
	require.Equal(t, http.StatusCreated, first.StatusCode, string(first.body))
	require.Empty(t, first.Header.Get("Idempotency-Replayed"))
	s.clock.Advance(24*time.Hour - time.Microsecond)
	require.Equal(t, http.StatusOK, s.sendJSON("PATCH", "/users/me", `{"name":"Ada"}`, s.logInAs(adaEmail)...).StatusCode)
	auth = s.logInAs(adaEmail)
	replay := func() answer {
		again := create(auth, "key", body)
		require.Equal(t, http.StatusCreated, again.StatusCode)
		require.Equal(t, "true", again.Header.Get("Idempotency-Replayed"))
		require.Equal(t, string(first.body), string(again.body))
		for _, name := range []string{"Location", "ETag", "Cache-Control", "Content-Type"} {
			require.Equal(t, first.Header.Get(name), again.Header.Get(name))
		}
		return again
	}
	replay()
	require.Equal(t, http.StatusOK, s.sendJSON("PUT", "/posts/1", `{"title":"x","content":"y"}`, auth...).StatusCode)
	replay()
	require.Equal(t, http.StatusNoContent, s.send("DELETE", "/posts/1", "", auth...).StatusCode)
	replay()

	s.clock.Advance(time.Microsecond)
	require.Equal(t, "/posts/2", create(auth, "key", body).Header.Get("Location"), "a key expires after 24 hours")
	require.Equal(t, http.StatusCreated, create(auth, strings.Repeat("k", 255), body).StatusCode)
}

func (s *service) logInAs(email string) []string { return bearer(s.logIn(email).AccessToken) }

func TestConcurrentDuplicatesCreateOnePost(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	const duplicates = 50
	answers := make([]answer, duplicates)
	var racing sync.WaitGroup
	for i := range duplicates {
		racing.Go(func() {
			answers[i] = s.sendJSON("POST", "/posts", `{"title":"t","content":"c"}`, append([]string{"Idempotency-Key", "k"}, auth...)...)
		})
	}
	racing.Wait()
	replayed := 0
	for _, got := range answers {
		require.Equal(t, http.StatusCreated, got.StatusCode, string(got.body))
		require.Equal(t, string(answers[0].body), string(got.body))
		if got.Header.Get("Idempotency-Replayed") != "" {
			replayed++
		}
	}
	require.Equal(t, duplicates-1, replayed)
	require.Equal(t, []int64{1}, s.postIDs("/posts"))
}
