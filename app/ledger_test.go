package main

import (
	"context"
	"maps"
	"net/url"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	client "example.com/postern/api/client/wire"
)

// ledger records the posts whose creation was acknowledged.
type ledger struct {
	mu           sync.Mutex
	acknowledged map[client.PostID]client.Post
}

func (l *ledger) posts() map[client.PostID]client.Post {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.acknowledged)
}

// keepPosting creates one post after another until the test ends or stop is called. It returns when a few exist.
func keepPosting(t *testing.T, s *instance, access string) (l *ledger, stop func()) {
	t.Helper()
	l = &ledger{acknowledged: map[client.PostID]client.Post{}}
	api := s.client(t)
	ctx, cancel := context.WithCancel(context.Background())
	few, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for n := 1; ctx.Err() == nil; n++ {
			answer, err := api.CreatePostWithResponse(t.Context(), nil, client.PostInput{Title: strconv.Itoa(n), Content: "C"}, bearer(access))
			if err != nil || answer.JSON201 == nil {
				t.Errorf("post %d was not created: %v", n, err)
				return
			}
			l.mu.Lock()
			l.acknowledged[answer.JSON201.ID] = *answer.JSON201
			l.mu.Unlock()
			if n == 5 {
				close(few)
			}
		}
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	select {
	case <-few:
	case <-done:
	}
	return l, stop
}

func createPost(t *testing.T, s *instance, access, title string) *client.Post {
	t.Helper()
	answer, err := s.client(t).CreatePostWithResponse(t.Context(), nil, client.PostInput{Title: title, Content: "C"}, bearer(access))
	require.NoError(t, err)
	require.NotNil(t, answer.JSON201, string(answer.Body))
	return answer.JSON201
}

// allPosts returns all posts that the service lists for the user with the token, page by page.
func allPosts(t *testing.T, s *instance, access string) map[client.PostID]client.Post {
	t.Helper()
	posts := map[client.PostID]client.Post{}
	params := &client.ListPostsParams{Limit: new(client.Limit(100))}
	for {
		page, err := s.client(t).ListPostsWithResponse(t.Context(), params, bearer(access))
		require.NoError(t, err)
		require.NotNil(t, page.JSON200, string(page.Body))
		for _, post := range *page.JSON200 {
			posts[post.ID] = post
		}
		link := nextPage.FindStringSubmatch(page.HTTPResponse.Header.Get("Link"))
		if link == nil {
			return posts
		}
		next, err := url.Parse(link[1])
		require.NoError(t, err)
		cursor := next.Query().Get("cursor")
		params.Cursor = &cursor
	}
}

var nextPage = regexp.MustCompile(`<([^<>]*)>; rel="next"`)
