package client_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/client"
)

func TestRetryWaitsAsLongAsTheServerAsks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{problem(503, client.ProblemCodeBusy, "3"), ok(200, aPost)}}
		post, err := s.api(t).GetPost(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, "t", post.Title)
		require.Len(t, s.at, 2)
		require.GreaterOrEqual(t, s.at[1], 3*time.Second)
		require.LessOrEqual(t, s.at[1], 3*time.Second+100*time.Millisecond)
	})
}

func TestRetryBacksOffAndGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{{status: 502, body: "<html>Bad gateway"}}}
		_, err := s.api(t).GetPost(t.Context(), 1)
		var p *client.Problem
		require.ErrorAs(t, err, &p)
		require.EqualValues(t, 502, p.Status)
		require.Empty(t, p.Code)
		require.Len(t, s.at, 4)
		for i, full := range []time.Duration{200, 400, 800} {
			wait := s.at[i+1] - s.at[i]
			require.GreaterOrEqual(t, wait, full/2*time.Millisecond)
			require.LessOrEqual(t, wait, full*time.Millisecond)
		}
	})
}

func TestRetryWaitsOnlyIfThereIsTime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		asked   string
		timeout time.Duration
	}{
		"the server asks for more than Max": {"11", time.Hour},
		"the context ends before":           {"5", 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
				defer cancel()
				s := &script{answers: []answer{problem(429, client.ProblemCodeQuotaExceeded, c.asked)}}
				began := time.Now()
				_, err := s.api(t).Login(ctx, ada, password)
				require.ErrorIs(t, err, client.ProblemCodeQuotaExceeded)
				var p *client.Problem
				require.ErrorAs(t, err, &p)
				require.Equal(t, c.asked+"s", p.RetryAfter.String())
				require.Zero(t, time.Since(began))
				require.Len(t, s.requests, 1)
			})
		})
	}
}

func TestRetryEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		s := &script{answers: []answer{problem(503, client.ProblemCodeBusy, "9")}}
		began := time.Now()
		_, err := s.api(t).GetPost(ctx, 1)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, time.Second, time.Since(began))
		require.Len(t, s.requests, 1)
	})
}

// TestWhichRequestsAreSentAgain lists which requests are sent again after which failure.
func TestWhichRequestsAreSentAgain(t *testing.T) {
	t.Parallel()
	unreached := answer{err: &net.OpError{Op: "dial", Err: lost.err}}
	busy, notKnown := problem(503, client.ProblemCodeBusy, "1"), problem(503, client.ProblemCodeOutcomeUnknown, "1")
	for name, c := range map[string]struct {
		first answer
		call  func(s *client.Session, ctx context.Context) error
		again bool
	}{
		"read, lost":                    {lost, getPost, true},
		"read, proxy's 503":             {answer{status: 503}, getPost, true},
		"read, proxy's 504":             {answer{status: 504}, getPost, true},
		"read, a fault":                 {problem(500, client.ProblemCodeInternal, ""), getPost, false},
		"read, the search is too slow":  {problem(503, client.ProblemCodeSearchTooSlow, "1"), getPost, false},
		"read, not found":               {problem(404, client.ProblemCodePostNotFound, ""), getPost, false},
		"create, lost":                  {lost, createPost, true},
		"create, outcome unknown":       {notKnown, createPost, true},
		"create, still at it":           {problem(409, client.ProblemCodeIdempotencyInProgress, "1"), createPost, true},
		"create, other body":            {problem(422, client.ProblemCodeIdempotencyKeyReused, ""), createPost, false},
		"update, lost":                  {lost, updatePost(client.AnyVersion), true},
		"update, quota":                 {problem(429, client.ProblemCodeQuotaExceeded, "1"), updatePost(client.AnyVersion), true},
		"update with ETag, too slow":    {problem(408, client.ProblemCodeRequestTimeout, ""), updatePost(`"1-a"`), true},
		"update with ETag, lost":        {lost, updatePost(`"1-a"`), false},
		"update with ETag, unknown":     {notKnown, updatePost(`"1-a"`), false},
		"update with ETag, busy":        {busy, updatePost(`"1-a"`), true},
		"vote, lost":                    {lost, vote, true},
		"sign-up, lost":                 {lost, signUp, false},
		"sign-up, outcome unknown":      {notKnown, signUp, false},
		"sign-up, proxy's 503":          {answer{status: 503}, signUp, false},
		"sign-up, busy":                 {busy, signUp, true},
		"sign-up, no connection":        {unreached, signUp, true},
		"sign-up, taken":                {problem(409, client.ProblemCodeEmailTaken, ""), signUp, false},
		"change of password, lost":      {lost, changePassword, false},
		"deletion of the account, lost": {lost, (*client.Session).DeleteAccount, false},
		"logout, lost":                  {lost, (*client.Session).Logout, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []answer{c.first, {status: 418}}}
				require.Error(t, c.call(s.session(t), t.Context()))
				want := 1
				if c.again {
					want = 2
				}
				require.Len(t, s.requests, want)
				for _, again := range s.requests[1:] {
					require.Equal(t, s.requests[0].Header, again.Header)
				}
				for _, again := range s.bodies[1:] {
					require.Equal(t, s.bodies[0], again)
				}
			})
		})
	}
}

func TestEachPostHasItsOwnKey(t *testing.T) {
	t.Parallel()
	s := &script{answers: []answer{ok(201, aPost)}}
	session, keys := s.session(t), map[string]bool{}
	for range 2 {
		require.NoError(t, createPost(session, t.Context()))
		keys[s.requests[len(s.requests)-1].Header.Get("Idempotency-Key")] = true
	}
	require.Len(t, keys, 2)
	require.NotContains(t, keys, "")
}

func TestDeletedOnceIsDeleted(t *testing.T) {
	t.Parallel()
	missing := problem(404, client.ProblemCodePostNotFound, "")
	for name, c := range map[string]struct {
		answers []answer
		gone    bool
	}{
		"the answer was lost":     {[]answer{lost, missing}, true},
		"it was never there":      {[]answer{missing}, false},
		"the first was refused":   {[]answer{problem(503, client.ProblemCodeBusy, "1"), missing}, false},
		"the proxy has no server": {[]answer{{status: 502}, {status: 404}}, false},
		"there is no such path":   {[]answer{lost, problem(404, client.ProblemCodeNotFound, "")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				err := (&script{answers: c.answers}).session(t).DeletePost(t.Context(), 1, client.AnyVersion)
				if c.gone {
					require.NoError(t, err)
				} else {
					var p *client.Problem
					require.ErrorAs(t, err, &p)
					require.EqualValues(t, 404, p.Status)
				}
			})
		})
	}
}

func getPost(s *client.Session, ctx context.Context) error {
	_, err := s.GetPost(ctx, 1)
	return err
}

func createPost(s *client.Session, ctx context.Context) error {
	_, err := s.CreatePost(ctx, client.PostInput{Title: "t", Content: "c"})
	return err
}

func updatePost(etag string) func(*client.Session, context.Context) error {
	return func(s *client.Session, ctx context.Context) error {
		_, err := s.UpdatePost(ctx, 1, client.PostInput{Title: "t", Content: "c"}, etag)
		return err
	}
}

func vote(s *client.Session, ctx context.Context) error { return s.VoteForPost(ctx, 1) }

func signUp(s *client.Session, ctx context.Context) error {
	_, err := s.API().SignUp(ctx, ada, password)
	return err
}

func changePassword(s *client.Session, ctx context.Context) error {
	return s.ChangePassword(ctx, password, "seventeen purple gallons of paint")
}
