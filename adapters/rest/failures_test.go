package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest"
	"example.com/postern/api"
	"example.com/postern/domain"
)

// postsStub is a post service with a replaced Vote.
type postsStub struct {
	domain.PostService
	vote func() error
}

func (p postsStub) Vote(context.Context, domain.UserID, domain.PostID, bool) error { return p.vote() }

func TestServerErrors(t *testing.T) {
	t.Parallel()
	secret := "hunter2"
	for name, c := range map[string]struct {
		vote   func() error
		status int
		code   api.ProblemCode
	}{
		"unknown error":   {func() error { return errors.New(secret) }, 500, api.ProblemCodeInternal},
		"panic":           {func() error { panic(secret) }, 500, api.ProblemCodeInternal},
		"busy":            {func() error { return fmt.Errorf("wrapped: %w", domain.ErrHasherBusy) }, 503, api.ProblemCodeBusy},
		"store":           {func() error { return errors.Join(errors.New(secret), domain.ErrStoreUnavailable) }, 503, api.ProblemCodeStoreUnavailable},
		"unknown outcome": {func() error { return fmt.Errorf("%w: %w", domain.ErrOutcomeUnknown, domain.ErrStoreUnavailable) }, 503, api.ProblemCodeOutcomeUnknown},
		"too slow":        {func() error { return context.DeadlineExceeded }, 503, api.ProblemCodeOutcomeUnknown},
		"client has left": {func() error { return fmt.Errorf("commit: %w", context.Canceled) }, 503, api.ProblemCodeOutcomeUnknown},
		"a new code":      {func() error { return &domain.Error{Kind: domain.ErrNotFound, Code: "post_not_found", Message: "m"} }, 404, api.ProblemCodePostNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, func(o *rest.Options) { o.Posts = postsStub{o.Posts, c.vote} })
			_, auth := s.signUp(adaEmail)
			got := s.send("PUT", "/posts/1/vote", "", auth...)
			require.Equal(t, c.status, got.StatusCode)
			require.Equal(t, c.code, got.problem.Code)
			require.NotContains(t, string(got.body), secret)
			require.Equal(t, http.StatusOK, s.send("GET", "/healthz", "").StatusCode, "the process keeps running")
			require.Equal(t, 1, strings.Count(s.log.String(), `"request_id":"`+got.problem.RequestID+`"`), "logged once, with its request id")
		})
	}
}

// TestOrderOfChecks starts with a request that fails every check and corrects one fault at a time.
func TestOrderOfChecks(t *testing.T) {
	t.Parallel()
	s := newService(t)
	ada, auth := s.signUp(adaEmail)
	_, other := s.signUp("bob@example.com")
	post := s.createPost(auth, api.PostInput{Title: "t", Content: "c"})
	theirs := fmt.Sprintf("/posts/%d", post.ID)
	tooLarge := strings.Repeat("x", 2<<20+1)
	for _, c := range []struct {
		method, target, media, body string
		header                      []string
		status                      int
	}{
		{"PUT", "/nothing", "text/plain", tooLarge, nil, 404},
		{"POST", "/posts/x", "text/plain", tooLarge, nil, 405},
		{"PUT", "/posts/x?%zz", "text/plain", tooLarge, nil, 401},
		{"PUT", "/posts/x?%zz", "text/plain", tooLarge, other, 415},
		{"PUT", "/posts/x?%zz", jsonType, tooLarge, other, 413},
		{"PUT", "/posts/x?%zz", jsonType, "{", other, 400},
		{"PUT", "/posts/x?%zz", jsonType, "{}", other, 400},
		{"PUT", "/posts/x", jsonType, "{}", other, 422},
		{"PUT", "/posts/999", jsonType, "{}", other, 422},
		{"PUT", "/posts/999", jsonType, `{"title":"t","content":"c"}`, other, 404},
		{"PUT", theirs, jsonType, `{"title":"t","content":"c"}`, other, 403},
		{"PUT", theirs, jsonType, `{"title":"t","content":"c"}`, auth, 200},
	} {
		got := s.send(c.method, c.target, c.body, append(c.header, "Content-Type", c.media)...)
		require.Equal(t, c.status, got.StatusCode, "%s %s %s", c.method, c.target, got.body)
	}
	require.EqualValues(t, 1, ada.ID)
}
