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
	require.ErrorIs(t, err, client.ProblemCodePostNotFound, "only the owner sees a draft")
	read, err := session.GetPost(ctx, post.ID)
	require.NoError(t, err)
	require.Equal(t, post, read)

	_, err = session.GetPostIfChanged(ctx, post.ID, post.ETag)
	require.ErrorIs(t, err, client.ErrNotModified)

	title, publish := "t2", true
	patched, err := session.PatchPost(ctx, post.ID, client.PostPatch{Title: &title, Published: &publish}, post.ETag)
	require.NoError(t, err)
	require.Equal(t, "t2 c", patched.Title+" "+patched.Content)
	_, err = session.UpdatePost(ctx, post.ID, client.PostInput{Title: "t3", Content: "c3"}, post.ETag)
	require.ErrorIs(t, err, client.ProblemCodePreconditionFailed)
	require.ErrorIs(t, session.DeletePost(ctx, post.ID, post.ETag), client.ProblemCodePreconditionFailed)
	changed, err := session.GetPostIfChanged(ctx, post.ID, post.ETag)
	require.NoError(t, err)
	require.Equal(t, patched, changed)
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

	require.NoError(t, session.DeletePost(ctx, post.ID, client.AnyVersion))
	require.ErrorIs(t, session.DeletePost(ctx, post.ID, client.AnyVersion), client.ProblemCodePostNotFound)
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
		require.Fail(t, "nobody wrote a post")
	}
}

func TestPagesEndWithAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		first := ok(200, "["+aPost+"]")
		// The link names another host, as that of a server behind a proxy may. Only its query counts.
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

// TestAnEmptyETagIsRefused checks that an empty ETag is not taken for "any version".
func TestAnEmptyETagIsRefused(t *testing.T) {
	t.Parallel()
	s := &script{answers: []answer{ok(200, aPost)}}
	session, ctx := s.session(t), t.Context()
	for _, etag := range []string{"", " \t"} {
		_, err := session.UpdatePost(ctx, 1, client.PostInput{Title: "t", Content: "c"}, etag)
		require.ErrorContains(t, err, "AnyVersion")
		_, err = session.PatchPost(ctx, 1, client.PostPatch{}, etag)
		require.ErrorContains(t, err, "AnyVersion")
		require.ErrorContains(t, session.DeletePost(ctx, 1, etag), "AnyVersion")
	}
	require.Empty(t, s.requests)
	_, err := session.UpdatePost(ctx, 1, client.PostInput{Title: "t", Content: "c"}, client.AnyVersion)
	require.NoError(t, err)
	require.Equal(t, "*", s.requests[0].Header.Get("If-Match"))
}

// TestPagesForwardAndBack follows the links of single pages.
func TestPagesForwardAndBack(t *testing.T) {
	t.Parallel()
	_, session := logIn(t)
	ctx := t.Context()
	var written []*client.Post
	for i := range 5 {
		post, err := session.CreatePost(ctx, client.PostInput{Title: fmt.Sprint(i), Content: "c"})
		require.NoError(t, err)
		written = append(written, post)
	}
	for name, page := range map[string]func(client.PageLink) (*client.Page, error){
		"all": func(from client.PageLink) (*client.Page, error) {
			return session.PostPage(ctx, client.PostFilter{PageSize: 2, From: from})
		},
		"own": func(from client.PageLink) (*client.Page, error) {
			return session.OwnPostPage(ctx, client.OwnPostFilter{PageSize: 2, From: from})
		},
	} {
		t.Run(name, func(t *testing.T) {
			first, err := page("")
			require.NoError(t, err)
			require.Empty(t, first.Prev)
			require.Equal(t, []client.Post{*written[4], *written[3]}, first.Posts, "the posts of a list have an ETag too")
			second, err := page(first.Next)
			require.NoError(t, err)
			require.Equal(t, "2", second.Posts[0].Title)
			back, err := page(second.Prev)
			require.NoError(t, err)
			require.Equal(t, first.Posts, back.Posts)
			last, err := page(second.Next)
			require.NoError(t, err)
			require.Empty(t, last.Next)
			require.Len(t, last.Posts, 1)
		})
	}
	link, err := session.API().PostPage(ctx, client.PostFilter{PageSize: 2})
	require.NoError(t, err)
	rest := 0
	for _, err := range session.API().Posts(ctx, client.PostFilter{From: link.Next}) {
		require.NoError(t, err)
		rest++
	}
	require.Equal(t, 3, rest, "an iteration starts at the link")
}

// TestNoEditIsLost lets eight writers add a line to one post at once.
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
		read.body = strings.Replace(read.body, `"\"1-a\""`, `""`, 1)
		s := &script{answers: []answer{read}}
		_, err := s.session(t).EditPost(t.Context(), 1, exclaim)
		require.ErrorContains(t, err, "the ETag is empty")
		require.Len(t, s.requests, 1, "nothing is written")
		version := func(n int) answer {
			return ok(200, strings.Replace(aPost, `"version":1`, fmt.Sprintf(`"version":%d`, n), 1))
		}
		conflict := problem(412, client.ProblemCodePreconditionFailed, "")
		s = &script{answers: []answer{version(1), conflict, version(2), lost}}
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

func TestUserAgent(t *testing.T) {
	t.Parallel()
	for want, options := range map[string][]client.Option{"postern-go": nil, "app/1": {client.UseUserAgent("app/1")}} {
		s := &script{answers: []answer{ok(200, aPost)}}
		_, err := s.api(t, options...).GetPost(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, want, s.requests[0].UserAgent())
	}
}
