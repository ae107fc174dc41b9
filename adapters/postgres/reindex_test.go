package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// Words that an older program split by other rules are found as they were until they are split again, the newest first.
func TestPostsAreIndexedAgainForNewRules(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{})
	now := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	ada, err := s.Users().Insert(t.Context(), domain.NewUser{Email: "ada@example.org", PasswordHash: "hash", CreatedAt: now})
	require.NoError(t, err)
	for _, content := range []string{"ภาษาไทย first", "ภาษาไทย second", "ภาษาไทย third"} {
		_, err := s.Posts().Insert(t.Context(), domain.NewPost{
			OwnerID: ada.ID, Title: "title", Content: content, Published: true, CreatedAt: now, PublishedAt: &now,
		})
		require.NoError(t, err)
	}
	execIn(t, url, "UPDATE post_search SET words = ' title · ภาษาไทย old '", "UPDATE search_index SET tokenizer = 1")
	require.Len(t, found(t, s, "old"), 3)
	require.Empty(t, found(t, s, "ไทย"))
	n, err := s.Posts().Index(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Len(t, found(t, s, "ไทย third"), 1, "the newest comes first")
	require.Empty(t, found(t, s, "first"))

	n, err = domain.IndexPosts(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.Len(t, found(t, s, "ภาษา first"), 1)
	require.Empty(t, found(t, s, "old"))
	require.Equal(t, 1, ask[int](t, url, "SELECT count(*) FROM search_index WHERE tokenizer = 2 AND before_id = 1"))
	n, err = domain.IndexPosts(t.Context(), s)
	require.NoError(t, err)
	require.Zero(t, n)
}
