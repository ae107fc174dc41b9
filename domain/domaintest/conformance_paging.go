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
	{"a range has two bounds, and may have an author", rangesHaveEnds},
	{"pages follow each other in both directions", pagesFollow},
	{"a page starts at a position, not at a post", pagesFromAnywhere},
	{"a page has at most as many posts as its limit", pageLimits},
	{"pages contain every post exactly once during concurrent writes", pagesAreStable},
}

// Positions before and after all published posts.
var (
	oldest = domain.PostPosition{PublishedAt: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}
	newest = domain.NewestPosition
)

// anywhere is a range of ten posts.
var anywhere = domain.PostRange{After: oldest, Before: newest, Limit: 10}

func newestFirst(t *testing.T, s domain.Store) []domain.Post {
	t.Helper()
	return published(t, s, domain.PostRange{})
}

// publish inserts n posts and n drafts. Three posts at a time have the same time of publication, and the order of ids is not the
// order of publication. It returns the posts, oldest first.
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
	slices.SortFunc(posts, func(a, b domain.Post) int { return position(a).Compare(position(b)) })
	return posts
}

// readAll reads pages in one direction until a page is empty.
func readAll(t *testing.T, s domain.Store, within domain.PostRange) (all []domain.Post) {
	t.Helper()
	for {
		posts := published(t, s, within)
		if len(posts) == 0 {
			return all
		}
		all = append(all, posts...)
		if last := position(posts[len(posts)-1]); within.Newer {
			within.After = last
		} else {
			within.Before = last
		}
	}
}

func reversed(posts []domain.Post) []domain.Post {
	posts = slices.Clone(posts)
	slices.Reverse(posts)
	return posts
}

func pagesFollow(t *testing.T, s domain.Store) {
	want := publish(t, s, 20)
	for _, limit := range []int{1, 2, 7, 20, 100} {
		require.Equal(t, want, readAll(t, s, domain.PostRange{Newer: true, Limit: limit}), "limit %d", limit)
		require.Equal(t, reversed(want), readAll(t, s, domain.PostRange{Limit: limit}), "limit %d", limit)
	}
}

// rangesHaveEnds reads every range of ten posts, of which three have the same time.
func rangesHaveEnds(t *testing.T, s domain.Store) {
	posts := publish(t, s, 10)
	other := newUser(t, s, "other@example.org")
	between := newPost(t, s, other.ID, "another author's")
	all := append(slices.Clone(posts), between)
	slices.SortFunc(all, func(a, b domain.Post) int { return position(a).Compare(position(b)) })
	for i, after := range all {
		for j, before := range all {
			within := domain.PostRange{After: position(after), Before: position(before)}
			var want []domain.Post
			if i < j {
				want = all[i+1 : j]
			}
			requireRange(t, s, within, want)
			within.Author = between.OwnerID
			requireRange(t, s, within, byAuthor(want, between.OwnerID))
			within.Author = posts[0].OwnerID
			requireRange(t, s, within, byAuthor(want, posts[0].OwnerID))
		}
	}
	requireRange(t, s, domain.PostRange{Author: other.ID + 1}, nil)
	require.Equal(t, []domain.Post{between}, published(t, s, domain.PostRange{
		After: domain.PostPosition{PublishedAt: moment}, Before: domain.PostPosition{PublishedAt: moment.Add(time.Microsecond)}, Author: other.ID,
	}), "a position without an ID comes before all posts of its time")
}

func byAuthor(posts []domain.Post, author domain.UserID) []domain.Post {
	return slices.DeleteFunc(slices.Clone(posts), func(p domain.Post) bool { return p.OwnerID != author })
}

func requireRange(t *testing.T, s domain.Store, within domain.PostRange, want []domain.Post) {
	t.Helper()
	within.Limit = domain.MaxPageLimit
	within.Newer = true
	require.True(t, slices.EqualFunc(want, published(t, s, within), samePost), "%+v", within)
	within.Newer = false
	require.True(t, slices.EqualFunc(reversed(want), published(t, s, within), samePost), "%+v", within)
	within.Limit = 2
	require.True(t, slices.EqualFunc(reversed(want)[:min(2, len(want))], published(t, s, within), samePost), "%+v", within)
}

func samePost(a, b domain.Post) bool {
	return a.ID == b.ID && a.Content == b.Content && a.OwnerID == b.OwnerID
}

func pagesFromAnywhere(t *testing.T, s domain.Store) {
	posts := publish(t, s, 9)
	gone := posts[4]
	require.NoError(t, s.Posts().Delete(t.Context(), gone.ID, gone.OwnerID, gone.Version))
	require.Equal(t, posts[5:], readAll(t, s, domain.PostRange{After: position(gone), Newer: true, Limit: 2}))
	require.Equal(t, reversed(posts[:4]), readAll(t, s, domain.PostRange{Before: position(gone), Limit: 2}))

	require.Empty(t, published(t, s, domain.PostRange{After: newest, Newer: true}))
	require.Empty(t, published(t, s, domain.PostRange{Before: domain.PostPosition{PublishedAt: moment.Add(-time.Hour)}}))
}

func pageLimits(t *testing.T, s domain.Store) {
	publish(t, s, 5)
	for limit, want := range map[int]int{-1: 0, 0: 0, 1: 1, 5: 5, 6: 5} {
		for _, newer := range []bool{false, true} {
			within := anywhere
			within.Newer, within.Limit = newer, limit
			posts, err := s.Posts().Published(t.Context(), within)
			require.NoError(t, err)
			require.Len(t, posts, want)
		}
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
	for i := range 10 {
		all := readAll(t, s, domain.PostRange{Limit: 4, Newer: i%2 == 0})
		all = slices.DeleteFunc(all, func(p domain.Post) bool { return !stays[p.ID] })
		if i%2 == 1 {
			slices.Reverse(all)
		}
		require.Equal(t, want, all)
	}
	close(stop)
	require.NoError(t, wait(t, rival))
}

// scribble publishes posts between the existing ones, and deletes half of them again, until it is stopped.
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
			err = s.Posts().Delete(t.Context(), post.ID, owner, post.Version)
		}
		if err != nil {
			return err
		}
	}
}
