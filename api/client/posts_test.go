package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/client"
)

func TestPosts(t *testing.T) {
	t.Parallel()
	_, session := logIn(t)
	ctx, draft := t.Context(), false

	post, err := session.CreatePost(ctx, client.PostInput{Title: "t", Content: "c", Published: &draft})
	require.NoError(t, err)
	require.NotEmpty(t, post.ETag)
	_, err = session.API().GetPost(ctx, post.ID)
	require.ErrorIs(t, err, client.ProblemCodePostNotFound, "a draft is there for its owner alone")
	read, err := session.GetPost(ctx, post.ID)
	require.NoError(t, err)
	require.Equal(t, post, read)

	title, publish := "t2", true
	patched, err := session.PatchPost(ctx, post.ID, client.PostPatch{Title: &title, Published: &publish}, post.ETag)
	require.NoError(t, err)
	require.Equal(t, "t2 c", patched.Title+" "+patched.Content)
	_, err = session.UpdatePost(ctx, post.ID, client.PostInput{Title: "t3", Content: "c3"}, post.ETag)
	require.ErrorIs(t, err, client.ProblemCodePreconditionFailed)
	require.ErrorIs(t, session.DeletePost(ctx, post.ID, post.ETag), client.ProblemCodePreconditionFailed)
	updated, err := session.UpdatePost(ctx, post.ID, client.PostInput{Title: "t3", Content: "c3"}, patched.ETag)
	require.NoError(t, err)
	require.NotEqual(t, patched.ETag, updated.ETag)

	for range 2 {
		require.NoError(t, session.VoteForPost(ctx, post.ID))
	}
	read, err = session.API().GetPost(ctx, post.ID)
	require.NoError(t, err)
	require.EqualValues(t, 1, read.Votes)
	require.NoError(t, session.WithdrawVote(ctx, post.ID))
	read, err = session.API().GetPost(ctx, post.ID)
	require.NoError(t, err)
	require.Zero(t, read.Votes)

	require.NoError(t, session.DeletePost(ctx, post.ID, ""))
	require.ErrorIs(t, session.DeletePost(ctx, post.ID, ""), client.ProblemCodePostNotFound)
}

func TestPages(t *testing.T) {
	t.Parallel()
	s, session := logIn(t)
	ctx, draft := t.Context(), false
	for i := range 23 {
		_, err := session.CreatePost(ctx, client.PostInput{Title: fmt.Sprint(i), Content: "even", Published: nil})
		require.NoError(t, err)
		s.clock.Advance(time.Second)
	}
	_, err := session.CreatePost(ctx, client.PostInput{Title: "draft", Content: "c", Published: &draft})
	require.NoError(t, err)

	all := session.API().Posts(ctx, client.PostFilter{PageSize: 10, Order: client.PostOrderOldest})
	for range 2 {
		var titles []string
		for post, err := range all {
			require.NoError(t, err)
			titles = append(titles, post.Title)
		}
		require.Len(t, titles, 23)
		for i, title := range titles {
			require.Equal(t, fmt.Sprint(i), title)
		}
	}
	own := 0
	for post, err := range session.OwnPosts(ctx, client.OwnPostFilter{PageSize: 5}) {
		require.NoError(t, err)
		require.True(t, own > 0 || post.Title == "draft")
		own++
	}
	require.Equal(t, 24, own)
	for post, err := range session.OwnPosts(ctx, client.OwnPostFilter{Published: &draft}) {
		require.NoError(t, err)
		require.Equal(t, "draft", post.Title)
	}
	for range session.API().Posts(ctx, client.PostFilter{Author: 99}) {
		require.Fail(t, "nobody wrote that")
	}
}

func TestPagesEndWithAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := ok(200, "["+aPost+"]")
		// The link leads elsewhere, as that of a server behind a proxy may: only its query counts.
		first.header.Set("Link", `<https://elsewhere.test/posts?cursor=A>; rel="prev", </x/posts?cursor=B&limit=1>; title="a"; rel=next`)
		s := &script{answers: []answer{first, problem(422, client.ProblemCodeValidation, "")}}
		var posts int
		var errs []error
		for _, err := range s.session(t).OwnPosts(t.Context(), client.OwnPostFilter{}) {
			if err != nil {
				errs = append(errs, err)
			} else {
				posts++
			}
		}
		require.Equal(t, 1, posts)
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], client.ProblemCodeValidation)
		require.Equal(t, "http://postern.test/users/me/posts?cursor=B&limit=1", s.requests[1].URL.String())

		for range s.api(t).Posts(t.Context(), client.PostFilter{Search: "x"}) {
			break
		}
		require.Len(t, s.requests, 3, "no page is read before it is needed")
	})
}

// TestNoEditIsLost has eight writers add a line each to one post, so that most find that another was faster.
func TestNoEditIsLost(t *testing.T) {
	t.Parallel()
	s, session := logIn(t)
	ctx := t.Context()
	post, err := session.CreatePost(ctx, client.PostInput{Title: "t", Content: "lines:"})
	require.NoError(t, err)
	var readers, writers sync.WaitGroup
	readers.Add(8)
	s.hold.Store(func(r *http.Request) {
		if r.Method == http.MethodPut {
			readers.Wait() // until all have read the first version
		}
	})
	for i := range 8 {
		writers.Go(func() {
			first := true
			_, err := session.EditPost(ctx, post.ID, func(p *client.PostInput) error {
				if first {
					readers.Done()
				}
				first = false
				p.Content += fmt.Sprintf(" %d", i)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	read, err := session.GetPost(ctx, post.ID)
	require.NoError(t, err)
	require.Len(t, strings.Fields(read.Content), 9, read.Content)
	require.EqualValues(t, 9, read.Version)
}

func TestEditStops(t *testing.T) {
	t.Parallel()
	_, session := logIn(t)
	ctx := t.Context()
	post, err := session.CreatePost(ctx, client.PostInput{Title: "t", Content: "c"})
	require.NoError(t, err)
	no := errors.New("no")
	_, err = session.EditPost(ctx, post.ID, func(p *client.PostInput) error { p.Title = "x"; return no })
	require.ErrorIs(t, err, no)
	same, err := session.EditPost(ctx, post.ID, func(p *client.PostInput) error { p.Published = nil; return nil })
	require.NoError(t, err)
	require.Equal(t, post, same)
	synctest.Test(t, func(t *testing.T) {
		read, exclaim := ok(200, aPost), func(p *client.PostInput) error { p.Content += "!"; return nil }
		_, err := (&script{answers: []answer{read}}).session(t).EditPost(t.Context(), 1, exclaim)
		require.ErrorContains(t, err, "no ETag")
		version := func(n int) answer {
			a := ok(200, strings.Replace(aPost, `"version":1`, fmt.Sprintf(`"version":%d`, n), 1))
			a.header.Set("ETag", fmt.Sprintf(`"%d-a"`, n))
			return a
		}
		conflict := problem(412, client.ProblemCodePreconditionFailed, "")
		s := &script{answers: []answer{version(1), conflict, version(2), lost}}
		_, err = s.session(t).EditPost(t.Context(), 1, exclaim)
		require.ErrorIs(t, err, lost.err)
		require.Len(t, s.requests, 4, "nobody knows whether it was written: not again")
		s = &script{}
		for n := range 21 {
			s.answers = append(s.answers, version(n+1), conflict)
		}
		_, err = s.session(t).EditPost(t.Context(), 1, exclaim)
		require.ErrorIs(t, err, client.ProblemCodePreconditionFailed, "it gives up")
		require.Len(t, s.requests, 40)
		s = &script{answers: []answer{version(1), conflict, version(1), conflict}}
		_, err = s.session(t).EditPost(t.Context(), 1, exclaim)
		require.ErrorIs(t, err, client.ProblemCodePreconditionFailed, "nobody was faster: the condition cannot be met")
		require.Len(t, s.requests, 3)
	})
}
