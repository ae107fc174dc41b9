package client_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api/client"
)

// TestAPageOfPostsDrawsItsVoteButtons reads lists with and without the user's token.
func TestAPageOfPostsDrawsItsVoteButtons(t *testing.T) {
	t.Parallel()
	_, session := logIn(t)
	ctx, yes, no := t.Context(), true, false
	for range 3 {
		_, err := session.CreatePost(ctx, client.PostInput{Title: "t", Content: "c"})
		require.NoError(t, err)
	}
	require.NoError(t, session.VoteForPost(ctx, 2))
	page, err := session.PostPage(ctx, client.PostFilter{})
	require.NoError(t, err)
	require.Equal(t, []*bool{&no, &yes, &no}, votedOf(page.Posts))
	var all []client.Post
	for post, err := range session.Posts(ctx, client.PostFilter{PageSize: 2}) {
		require.NoError(t, err)
		all = append(all, post)
	}
	require.Equal(t, page.Posts, all)
	own, err := session.OwnPostPage(ctx, client.OwnPostFilter{})
	require.NoError(t, err)
	require.Equal(t, page.Posts, own.Posts)
	public, err := session.API().PostPage(ctx, client.PostFilter{})
	require.NoError(t, err)
	require.Equal(t, []*bool{nil, nil, nil}, votedOf(public.Posts))
}

// TestOneRequestReadsAPageWithVotes counts the requests and looks at their tokens.
func TestOneRequestReadsAPageWithVotes(t *testing.T) {
	t.Parallel()
	list := ok(200, "["+strings.Replace(aPost, `"votes":0`, `"votes":1,"voted":true`, 1)+"]")
	s := &script{answers: []answer{list, list, list}}
	session := s.session(t)
	page, err := session.PostPage(t.Context(), client.PostFilter{})
	require.NoError(t, err)
	require.True(t, *page.Posts[0].Voted)
	require.Len(t, s.requests, 1)
	for post, err := range session.Posts(t.Context(), client.PostFilter{}) {
		require.NoError(t, err)
		require.True(t, *post.Voted)
	}
	require.Len(t, s.requests, 2)
	for _, request := range s.requests {
		require.Contains(t, request.Header.Get("Authorization"), "Bearer ")
	}
	_, err = session.API().PostPage(t.Context(), client.PostFilter{})
	require.NoError(t, err)
	require.Empty(t, s.requests[2].Header.Get("Authorization"), "the anonymous client sends no token")
}

func votedOf(posts []client.Post) (voted []*bool) {
	for _, post := range posts {
		voted = append(voted, post.Voted)
	}
	return voted
}
