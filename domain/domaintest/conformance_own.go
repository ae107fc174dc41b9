package domaintest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var ownCases = []storeCase{
	{"a user's own posts are listed by identifier, including drafts", ownList},
	{"a list of own posts starts at a position and has a limit", ownRanges},
	{"an empty store has nothing to index", indexNothing},
}

// owned returns the posts of a range. The default of From is the beginning, and the default of Limit is large.
func owned(t *testing.T, s domain.Store, within domain.OwnPostRange) []domain.Post {
	t.Helper()
	if within.From == 0 && !within.Newer {
		within.From = domain.MaxID
	}
	if within.Limit == 0 {
		within.Limit = domain.MaxPageLimit
	}
	posts, err := s.Posts().OwnedBy(t.Context(), within)
	require.NoError(t, err)
	return posts
}

// ownPosts inserts posts of a user, every other one a draft. It returns them in the order of their ids, which is not the order of
// their publication. It also inserts as many posts of another user.
func ownPosts(t *testing.T, s domain.Store, n int) []domain.Post {
	t.Helper()
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	var own []domain.Post
	for i := range n {
		at := moment.Add(-time.Duration(i) * time.Microsecond)
		for _, owner := range []domain.UserID{bob.ID, ada.ID} {
			p := publication(owner, "c", at)
			p.Published = i%2 == 0
			post, err := s.Posts().Insert(t.Context(), p)
			require.NoError(t, err)
			if owner == ada.ID {
				own = append(own, post)
			}
		}
	}
	return own
}

func ownList(t *testing.T, s domain.Store) {
	all := ownPosts(t, s, 7)
	yes, no := true, false
	for _, c := range []struct {
		published *bool
		want      []domain.Post
	}{
		{nil, all},
		{&yes, slices.DeleteFunc(slices.Clone(all), func(p domain.Post) bool { return !p.Published })},
		{&no, slices.DeleteFunc(slices.Clone(all), func(p domain.Post) bool { return p.Published })},
	} {
		within := domain.OwnPostRange{Owner: all[0].OwnerID, Published: c.published}
		require.Equal(t, reversed(c.want), owned(t, s, within))
		within.Newer = true
		require.Equal(t, c.want, owned(t, s, within))
		within.Owner = domain.MaxID
		require.Empty(t, owned(t, s, within))
	}
}

func ownRanges(t *testing.T, s domain.Store) {
	all := ownPosts(t, s, 6)
	gone := all[3]
	require.NoError(t, s.Posts().Delete(t.Context(), gone.ID, gone.OwnerID, gone.Version))
	within := domain.OwnPostRange{Owner: gone.OwnerID, From: gone.ID}
	require.Equal(t, reversed(all[:3]), owned(t, s, within))
	within.Limit = 2
	require.Equal(t, reversed(all[1:3]), owned(t, s, within))
	within.Newer = true
	require.Equal(t, all[4:], owned(t, s, within))
	within.From = all[0].ID
	require.Equal(t, all[1:3], owned(t, s, within))
	for _, limit := range []int{-1, 0} {
		within.Limit = limit
		posts, err := s.Posts().OwnedBy(t.Context(), within)
		require.NoError(t, err)
		require.Empty(t, posts)
	}
}

// indexNothing checks that new posts are searchable at once, unless they are long.
func indexNothing(t *testing.T, s domain.Store) {
	post := newPost(t, s, newUser(t, s, "ada@example.org").ID, "c")
	_, err := s.Posts().Update(t.Context(), post)
	require.NoError(t, err)
	n, err := s.Posts().Index(t.Context(), 10)
	require.NoError(t, err)
	require.Zero(t, n)
}
