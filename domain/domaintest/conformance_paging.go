package domaintest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var pagingCases = []storeCase{
	{"pages follow each other in both directions", pagesFollow},
	{"a page begins at a place, not at a post", pagesFromAnywhere},
	{"a page holds at most as many posts as asked for", pageLimits},
	{"pages hold every post exactly once whoever writes meanwhile", pagesAreStable},
}

// Where every published post is after, and before.
var (
	oldest = domain.PostPosition{PublishedAt: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}
	newest = domain.PostPosition{PublishedAt: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), ID: domain.MaxID}
)

func newestFirst(t *testing.T, s domain.Store) []domain.Post {
	t.Helper()
	posts, err := s.Posts().PublishedBefore(t.Context(), newest, domain.MaxPageLimit)
	require.NoError(t, err)
	return posts
}

// publish inserts posts with a draft beside each. Three at a time share a time of publication, and identifiers do not follow
// the order of publication. It returns the posts, oldest first.
func publish(t *testing.T, s domain.Store, n int) []domain.Post {
	t.Helper()
	owner := newUser(t, s, "author@example.org")
	var posts []domain.Post
	for i := range n {
		at := moment.Add(-time.Duration(i/3) * time.Microsecond)
		post, err := s.Posts().Insert(t.Context(), publication(owner.ID, fmt.Sprint(i), at))
		require.NoError(t, err)
		posts = append(posts, post)
		unpublished := publication(owner.ID, "draft", at)
		unpublished.Published = false
		_, err = s.Posts().Insert(t.Context(), unpublished)
		require.NoError(t, err)
	}
	slices.SortFunc(posts, func(a, b domain.Post) int { return compare(position(a), position(b)) })
	return posts
}

type pageFunc func(t *testing.T, from domain.PostPosition, limit int) []domain.Post

func before(s domain.Store) pageFunc {
	return func(t *testing.T, from domain.PostPosition, limit int) []domain.Post {
		posts, err := s.Posts().PublishedBefore(t.Context(), from, limit)
		require.NoError(t, err)
		return posts
	}
}

func after(s domain.Store) pageFunc {
	return func(t *testing.T, from domain.PostPosition, limit int) []domain.Post {
		posts, err := s.Posts().PublishedAfter(t.Context(), from, limit)
		require.NoError(t, err)
		return posts
	}
}

// readAll reads page after page until one is empty.
func readAll(t *testing.T, page pageFunc, from domain.PostPosition, limit int) (all []domain.Post) {
	t.Helper()
	for {
		posts := page(t, from, limit)
		if len(posts) == 0 {
			return all
		}
		all = append(all, posts...)
		from = position(posts[len(posts)-1])
	}
}

func pagesFollow(t *testing.T, s domain.Store) {
	want := publish(t, s, 20)
	for _, limit := range []int{1, 2, 7, 20, 100} {
		require.Equal(t, want, readAll(t, after(s), oldest, limit), "limit %d", limit)
	}
	slices.Reverse(want)
	for _, limit := range []int{1, 2, 7, 20, 100} {
		require.Equal(t, want, readAll(t, before(s), newest, limit), "limit %d", limit)
	}
}

func pagesFromAnywhere(t *testing.T, s domain.Store) {
	posts := publish(t, s, 9)
	gone := posts[4]
	require.NoError(t, s.Posts().Delete(t.Context(), gone.ID, gone.OwnerID))
	require.Equal(t, posts[5:], readAll(t, after(s), position(gone), 2))
	older := slices.Clone(posts[:4])
	slices.Reverse(older)
	require.Equal(t, older, readAll(t, before(s), position(gone), 2))

	require.Empty(t, after(s)(t, newest, 10))
	require.Empty(t, before(s)(t, oldest, 10))
}

func pageLimits(t *testing.T, s domain.Store) {
	publish(t, s, 5)
	for limit, want := range map[int]int{-1: 0, 0: 0, 1: 1, 5: 5, 6: 5} {
		require.Len(t, before(s)(t, newest, limit), want)
		require.Len(t, after(s)(t, oldest, limit), want)
	}
}

func pagesAreStable(t *testing.T, s domain.Store) {
	want := publish(t, s, 30)
	stop := make(chan struct{})
	rival := start(func() error { return scribble(t, s, want[0].OwnerID, stop) })

	stays := map[domain.PostID]bool{}
	for _, post := range want {
		stays[post.ID] = true
	}
	for range 10 {
		all := readAll(t, before(s), newest, 4)
		all = slices.DeleteFunc(all, func(p domain.Post) bool { return !stays[p.ID] })
		slices.Reverse(all)
		require.Equal(t, want, all)
	}
	close(stop)
	require.NoError(t, wait(t, rival))
}

// scribble publishes posts among the older and the newer ones, and deletes every other one again, until it is stopped.
func scribble(t *testing.T, s domain.Store, owner domain.UserID, stop <-chan struct{}) error {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return nil
		default:
		}
		at := moment.Add(time.Duration(i%40-20) * time.Microsecond)
		post, err := s.Posts().Insert(t.Context(), publication(owner, "rival", at))
		if err == nil && i%2 == 0 || i > 60 {
			err = s.Posts().Delete(t.Context(), post.ID, owner)
		}
		if err != nil {
			return err
		}
	}
}
