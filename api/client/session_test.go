package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/client"
)

func TestSessionRenewsBeforeItsTokenExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{tokens("a1", "r1"), ok(200, aPost), tokens("a2", "r2"), ok(200, aPost)}}
		session, err := s.api(t).Login(t.Context(), ada, password)
		require.NoError(t, err)
		time.Sleep(30*time.Minute - 16*time.Second)
		require.NoError(t, getPost(session, t.Context()))
		require.Equal(t, "Bearer a1", s.requests[1].Header.Get("Authorization"))
		time.Sleep(2 * time.Second)
		require.NoError(t, getPost(session, t.Context()))
		require.Equal(t, "/token", s.requests[2].URL.Path)
		require.Equal(t, "grant_type=refresh_token&refresh_token=r1", s.bodies[2])
		require.Equal(t, "Bearer a2", s.requests[3].Header.Get("Authorization"))
	})
}

func TestSessionUsesTheOldTokenWhileThereIsNoNewOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{problem(503, client.ProblemCodeStoreUnavailable, "60"), ok(200, aPost)}}
		session, err := s.api(t).Resume(client.Tokens{AccessToken: "a1", RefreshToken: "r1", ExpiresAt: time.Now().Add(5 * time.Second)})
		require.NoError(t, err)
		require.NoError(t, getPost(session, t.Context()))
		require.Equal(t, "Bearer a1", s.requests[1].Header.Get("Authorization"))

		time.Sleep(5 * time.Second)
		s.answers = []answer{problem(503, client.ProblemCodeStoreUnavailable, "60")}
		require.ErrorIs(t, getPost(session, t.Context()), client.ProblemCodeStoreUnavailable)
		require.Len(t, s.requests, 3, "a token that has expired is not sent")
	})
}

func TestSessionAsksAgainForALostAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{problem(401, client.ProblemCodeInvalidToken, ""), lost, tokens("a2", "r2"), ok(200, aPost)}}
		require.NoError(t, getPost(s.session(t), t.Context()))
		require.Equal(t, s.bodies[1], s.bodies[2])
		require.Less(t, s.at[2]-s.at[1], 30*time.Second, "the server's grace")
	})
}

func TestSessionKeepsTheKeyOfAPostWhenItRenews(t *testing.T) {
	t.Parallel()
	s := &script{answers: []answer{problem(401, client.ProblemCodeInvalidToken, ""), tokens("a2", "r2"), ok(201, aPost)}}
	require.NoError(t, createPost(s.session(t), t.Context()))
	require.NotEmpty(t, s.requests[0].Header.Get("Idempotency-Key"))
	require.Equal(t, s.requests[0].Header.Get("Idempotency-Key"), s.requests[2].Header.Get("Idempotency-Key"))
	require.Equal(t, s.bodies[0], s.bodies[2])
}

// TestManyRenewOnce lets fifty callers use an expired token at once.
func TestManyRenewOnce(t *testing.T) {
	t.Parallel()
	s, session := logIn(t)
	var arrived atomic.Int32
	all := make(chan struct{})
	s.hold.Store(func(r *http.Request) {
		switch r.URL.Path {
		case "/users/me":
			if arrived.Add(1) == 50 {
				close(all)
			}
		case "/token":
			<-all // no new token before all have sent the old one
		}
	})
	s.clock.Advance(31 * time.Minute)
	var done sync.WaitGroup
	errs := make(chan error, 50)
	for range 50 {
		done.Go(func() {
			_, err := session.Account(t.Context())
			errs <- err
		})
	}
	done.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	require.EqualValues(t, 1, s.token.Load())
}

func TestOneCallerThatGivesUpDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	s, session := logIn(t)
	s.clock.Advance(31 * time.Minute)
	asked, answer := make(chan struct{}), make(chan struct{})
	s.hold.Store(func(r *http.Request) {
		if r.URL.Path == "/token" {
			close(asked)
			<-answer
		}
	})
	impatient, giveUp := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := session.Account(impatient)
		first <- err
	}()
	<-asked
	giveUp()
	require.ErrorIs(t, <-first, context.Canceled)
	close(answer)
	_, err := session.Account(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, s.token.Load())
}

func TestTokensAreSavedAndResumed(t *testing.T) {
	t.Parallel()
	var saved []client.Tokens
	s, session := logIn(t, client.SaveTokens(func(tokens client.Tokens) { saved = append(saved, tokens) }))
	s.clock.Advance(31 * time.Minute)
	_, err := session.Account(t.Context())
	require.NoError(t, err)
	require.Len(t, saved, 2)
	require.NotEqual(t, saved[0].AccessToken, saved[1].AccessToken)

	kept, err := json.Marshal(saved[1])
	require.NoError(t, err)
	var tokens client.Tokens
	require.NoError(t, json.Unmarshal(kept, &tokens))
	resumed, err := session.API().Resume(tokens)
	require.NoError(t, err)
	account, err := resumed.Account(t.Context())
	require.NoError(t, err)
	require.Equal(t, ada, account.Email)

	require.NoError(t, session.Logout(t.Context()))
	require.NoError(t, session.Logout(t.Context()), "again")
	require.Equal(t, client.Tokens{}, saved[2])
	require.Zero(t, session.Tokens())
	_, err = session.Account(t.Context())
	require.ErrorIs(t, err, client.ErrSessionEnded)
	_, err = resumed.Account(t.Context())
	require.ErrorIs(t, err, client.ErrSessionEnded)
	require.ErrorIs(t, err, client.ProblemCodeInvalidRefreshToken)
	require.Len(t, saved, 3)
	resumed, err = session.API().Resume(saved[2])
	require.NoError(t, err)
	_, err = resumed.Account(t.Context())
	require.ErrorIs(t, err, client.ErrSessionEnded)
}

// TestNothingFollowsAnEnd logs out while a renewal is under way.
func TestNothingFollowsAnEnd(t *testing.T) {
	t.Parallel()
	var saved []client.Tokens
	s, session := logIn(t, client.SaveTokens(func(tokens client.Tokens) { saved = append(saved, tokens) }))
	s.clock.Advance(31 * time.Minute)
	asked, answer := make(chan struct{}), make(chan struct{})
	s.hold.Store(func(r *http.Request) {
		if r.URL.Path == "/token" {
			close(asked)
			<-answer
		}
	})
	renewed := make(chan error, 1)
	go func() {
		_, err := session.Account(t.Context())
		renewed <- err
	}()
	<-asked
	require.NoError(t, session.Logout(t.Context()))
	close(answer)
	require.ErrorIs(t, <-renewed, client.ErrSessionEnded)
	require.Zero(t, session.Tokens())
	require.Len(t, saved, 2)
	require.Zero(t, saved[1])
}

func TestLogoutWorksWithAnExpiredToken(t *testing.T) {
	t.Parallel()
	s, session := logIn(t)
	tokens := session.Tokens()
	s.clock.Advance(31 * time.Minute)
	require.NoError(t, session.Logout(t.Context()))
	resumed, err := session.API().Resume(tokens)
	require.NoError(t, err)
	_, err = resumed.Account(t.Context())
	require.ErrorIs(t, err, client.ErrSessionEnded)
}

func TestTokensAreNotPrinted(t *testing.T) {
	t.Parallel()
	tokens := client.Tokens{AccessToken: "secret", RefreshToken: "secret"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(format, tokens), "secret", format)
	}
}
