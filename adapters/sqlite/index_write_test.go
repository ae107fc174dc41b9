package sqlite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// ideographs returns n different words of one character each, in random order, which is the worst case for an index.
func ideographs(n int) string {
	var b strings.Builder
	for _, i := range rand.New(rand.NewPCG(1, 0)).Perm(n) {
		// 20,992 common ones, and the rare ones of planes 2 and 3, most of which are assigned
		b.WriteRune([]rune{0x4E00, 0x20000 - 20_992}[min(1, i/20_992)] + rune(i))
	}
	return b.String()
}

func addPost(t testing.TB, s *Store, content string) domain.Post {
	t.Helper()
	owner, err := s.Users().Credential(t.Context(), "ada@example.org")
	if err != nil {
		user, err := insertUser(t.Context(), s, "ada@example.org")
		require.NoError(t, err)
		owner.UserID = user.ID
	}
	post, err := s.Posts().Insert(t.Context(), domain.NewPost{
		OwnerID: owner.UserID, Title: "title", Content: content, Published: true, CreatedAt: moment, PublishedAt: &moment,
	})
	require.NoError(t, err)
	return post
}

// unindexedPosts adds posts that an older program did not index.
func unindexedPosts(t *testing.T, s *Store, n int, content string) {
	t.Helper()
	for range n {
		addPost(t, s, content)
	}
	for _, statement := range []string{"UPDATE posts SET indexed_version = 0", "DELETE FROM post_search"} {
		_, err := s.writer.conn.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
}

func finds(t *testing.T, s *Store, word string) bool {
	t.Helper()
	within := anywhere()
	within.Search = search.Parse(word)
	posts, err := s.Posts().Published(t.Context(), within)
	require.NoError(t, err)
	return len(posts) > 0
}

const toIndex = "posts WHERE indexed_version <> version"

func TestOthersWriteWhilePostsAreIndexed(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	const posts = 10
	unindexedPosts(t, s, posts, ideographs(3_000))
	ended := make(chan error, 1)
	go func() {
		_, err := s.Posts().Index(context.Background(), posts)
		ended <- err
	}()
	backlogs := map[int]bool{} // after each write
	for n := 0; len(ended) == 0; n++ {
		require.NoError(t, insert(s, domain.Email(fmt.Sprintf("%d@example.org", n)))())
		backlogs[countRows(t, s, toIndex)] = true
	}
	require.NoError(t, <-ended)
	require.Greater(t, len(backlogs), posts/2, "writes end between posts, not only before or after all of them")
	require.Zero(t, countRows(t, s, toIndex))
}

func TestIndexContinuesWhereItStopped(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	unindexedPosts(t, s, 7, "needle")
	for _, want := range []int{3, 3, 1, 0} {
		n, err := s.Posts().Index(t.Context(), 3)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	require.Equal(t, 7, countRows(t, s, "post_search WHERE words MATCH 'needle'"))

	unindexedPosts(t, s, 20, ideographs(3_000))
	all := countRows(t, s, toIndex)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan int, 1)
	ended := make(chan error, 1)
	go func() {
		n, err := s.Posts().Index(ctx, all)
		done <- n
		ended <- err
	}()
	require.Eventually(t, func() bool { return countRows(t, s, toIndex) < all }, 10*time.Second, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	left := countRows(t, s, toIndex)
	require.Positive(t, left, "it looks between two posts")
	require.InDelta(t, all-left, <-done, 1, "of one it may not know whether it was committed")
	n, err := s.Posts().Index(t.Context(), all)
	require.NoError(t, err)
	require.InDelta(t, left, n, 1)
	require.Zero(t, countRows(t, s, toIndex))
}

func TestIndexSkipsAPostThatFails(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	unindexedPosts(t, s, 3, "needle")
	_, err := s.writer.conn.ExecContext(t.Context(),
		"CREATE TRIGGER broken BEFORE UPDATE ON posts WHEN NEW.id = 3 BEGIN SELECT RAISE(ABORT, 'broken'); END")
	require.NoError(t, err)
	for range 2 {
		n, err := s.Posts().Index(t.Context(), 1)
		require.Equal(t, 1, n)
		require.ErrorContains(t, err, "broken")
	}
	require.Equal(t, 1, countRows(t, s, toIndex))
	require.Equal(t, 2, countRows(t, s, "post_search WHERE words MATCH 'needle'"))
}

// The order of a list is not the order of ids: an imported post may be older than its id suggests, and drafts are not listed.
func TestNewestPublishedPostsAreIndexedFirst(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	unindexedPosts(t, s, 4, "needle")
	for _, statement := range []string{
		"UPDATE posts SET published_at = published_at + 1000000 * (CASE id WHEN 2 THEN 9 ELSE -id END)",
		"UPDATE posts SET published = FALSE, published_at = NULL WHERE id = 4",
	} {
		_, err := s.writer.conn.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	for _, id := range []int{2, 1, 3, 4} {
		require.Zero(t, countRows(t, s, fmt.Sprint("posts WHERE indexed_version = version AND id = ", id)))
		n, err := s.Posts().Index(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, 1, countRows(t, s, fmt.Sprint("posts WHERE indexed_version = version AND id = ", id)), id)
	}
	n, err := s.Posts().Index(t.Context(), 1)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestWordsOfAnotherVersionAreNotKept(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	post := addPost(t, s, "new")
	for _, row := range []litedb.UnindexedPostsRow{
		{ID: post.ID, Version: post.Version + 1, Content: "old"},
		{ID: post.ID, Version: post.Version, Content: "old"}, // the same text
	} {
		ok, err := posts{s}.indexOne(t.Context(), row)
		require.NoError(t, err)
		require.False(t, ok)
		require.False(t, finds(t, s, "old"))
	}
}

func TestAnUpdateWritesWordsOnlyIfTheyChange(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	post := addPost(t, s, "content")
	require.NoError(t, s.write(t.Context(), func(ctx context.Context, q *litedb.Queries) error {
		return q.PutWords(ctx, litedb.PutWordsParams{ID: post.ID, Words: " untouched "})
	}))
	post, err := s.Posts().Update(t.Context(), post)
	require.NoError(t, err)
	require.True(t, finds(t, s, "untouched"))
	require.Zero(t, countRows(t, s, toIndex))

	post.Title = "other"
	post, err = s.Posts().Update(t.Context(), post)
	require.NoError(t, err)
	require.False(t, finds(t, s, "untouched"))
	require.True(t, finds(t, s, "other"))

	_, err = s.writer.conn.ExecContext(t.Context(), "UPDATE posts SET version = 7, title = 'older program'")
	require.NoError(t, err)
	post.Title, post.Version = "older program", 7
	_, err = s.Posts().Update(t.Context(), post)
	require.NoError(t, err)
	require.True(t, finds(t, s, "older"), "the same text, but not the index's")
}

func TestALongTextIsLeftToIndex(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	text := strings.Repeat("x", maxIndexedAtOnce-len("title"))
	addPost(t, s, text)
	require.Zero(t, countRows(t, s, toIndex))
	addPost(t, s, text+"x")
	require.Equal(t, 1, countRows(t, s, toIndex))
	require.Equal(t, 1, countRows(t, s, "post_search_docsize"))
	n, err := s.Posts().Index(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Equal(t, 2, countRows(t, s, "post_search_docsize"))
}

// BenchmarkIndexWorst indexes the most expensive text: one of the longest texts that are indexed at once, and one of the longest
// texts of a post.
func BenchmarkIndexWorst(b *testing.B) {
	for _, n := range []int{maxIndexedAtOnce / 3, 90_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newStore(b)
			for id := domain.PostID(1); b.Loop(); id++ {
				words := search.Text("title", ideographs(n))
				require.NoError(b, s.write(b.Context(), func(ctx context.Context, q *litedb.Queries) error {
					return q.PutWords(ctx, litedb.PutWordsParams{ID: id, Words: words})
				}))
			}
		})
	}
}
