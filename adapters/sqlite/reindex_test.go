package sqlite

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// Posts that an older tokenizer split stay searchable until they are split again, the newest first.
func TestPostsAreReindexedForANewTokenizer(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, content := range []string{"ภาษาไทย first", "ภาษาไทย second", "ภาษาไทย third"} {
		addPost(t, s, content)
	}
	for _, statement := range []string{
		"INSERT OR REPLACE INTO post_search (rowid, words) SELECT id, ' title · ภาษาไทย old ' FROM posts",
		"UPDATE search_index SET tokenizer = 1",
	} {
		_, err := s.writer.conn.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	require.True(t, finds(t, s, "old"))
	require.False(t, finds(t, s, "ไทย"))
	n, err := s.Posts().Index(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.True(t, finds(t, s, "ไทย third"), "the newest comes first")
	require.False(t, finds(t, s, "first"))

	late := addPost(t, s, "late")
	n, err = domain.IndexPosts(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, 2, n, "%d was split by the new rules", late.ID)
	require.True(t, finds(t, s, "ภาษา first"))
	require.False(t, finds(t, s, "old"))
	require.Equal(t, 1, countRows(t, s, "search_index WHERE tokenizer = 2 AND before_id = 1"))
	n, err = domain.IndexPosts(t.Context(), s)
	require.NoError(t, err)
	require.Zero(t, n)
}
