package domaintest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var updateCases = []storeCase{
	{"an update returns the stored post", updateStored},
	{"an update can publish a post and make it a draft again", updatePublishes},
	{"an update of another version changes nothing", updateStale},
	{"an update by another owner changes nothing", updateForeign},
	{"an update of an unknown post is not found", updateUnknown},
}

func updateStored(t *testing.T, s domain.Store) {
	post := newPost(t, s, newUser(t, s, "ada@example.org").ID, "c")
	untouched := newPost(t, s, post.OwnerID, "another")
	for version := domain.Version(2); version < 5; version++ {
		post.Title, post.Content, post.UpdatedAt = post.Title+"+", post.Content+"+", post.UpdatedAt.Add(time.Microsecond)
		updated, err := s.Posts().Update(t.Context(), post)
		require.NoError(t, err)
		post.Version = version
		require.Equal(t, post, updated)
		found, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: post.OwnerID}, post.ID)
		require.NoError(t, err)
		require.Equal(t, post, found)
	}
	require.Equal(t, []domain.Post{untouched, post}, newestFirst(t, s))
}

func updatePublishes(t *testing.T, s domain.Store) {
	owner := newUser(t, s, "ada@example.org")
	post, err := s.Posts().Insert(t.Context(), draft(owner.ID, "t", "c"))
	require.NoError(t, err)
	require.Empty(t, newestFirst(t, s))

	published := moment.Add(time.Hour)
	post.Published, post.PublishedAt = true, &published
	post, err = s.Posts().Update(t.Context(), post)
	require.NoError(t, err)
	require.Equal(t, &published, post.PublishedAt)
	require.Equal(t, []domain.Post{post}, newestFirst(t, s))

	post.Published = false
	post, err = s.Posts().Update(t.Context(), post)
	require.NoError(t, err)
	require.Equal(t, &published, post.PublishedAt)
	require.Empty(t, newestFirst(t, s))
}

func updateStale(t *testing.T, s domain.Store) {
	post := newPost(t, s, newUser(t, s, "ada@example.org").ID, "c")
	current, err := s.Posts().Update(t.Context(), post)
	require.NoError(t, err)
	for _, version := range []domain.Version{0, 1, 3} {
		post.Version, post.Content = version, "changed"
		updated, err := s.Posts().Update(t.Context(), post)
		require.ErrorIs(t, err, domain.ErrPostNotFound)
		require.Zero(t, updated)
	}
	requireStored(t, s, current)
}

func updateForeign(t *testing.T, s domain.Store) {
	post := newPost(t, s, newUser(t, s, "ada@example.org").ID, "c")
	taken := post
	taken.OwnerID, taken.Content = newUser(t, s, "bob@example.org").ID, "mine"
	_, err := s.Posts().Update(t.Context(), taken)
	require.ErrorIs(t, err, domain.ErrPostNotFound)
	requireStored(t, s, post)
}

func updateUnknown(t *testing.T, s domain.Store) {
	post := newPost(t, s, newUser(t, s, "ada@example.org").ID, "c")
	require.NoError(t, s.Posts().Delete(t.Context(), post.ID, post.OwnerID, post.Version))
	_, err := s.Posts().Update(t.Context(), post)
	require.ErrorIs(t, err, domain.ErrPostNotFound)
	require.Empty(t, newestFirst(t, s))
}

func requireStored(t *testing.T, s domain.Store, want domain.Post) {
	t.Helper()
	found, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: want.OwnerID}, want.ID)
	require.NoError(t, err)
	require.Equal(t, want, found)
}
