package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// Posts that an older tokenizer split stay searchable until they are split again, the newest first.
func TestPostsAreReindexedForANewTokenizer(t *testing.T) {
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

// The order of a list is not the order of ids: an imported post may be older than its id suggests, and drafts are not listed. A
// search begins with the first posts of the list, which must be in the index.
func TestNewestPublishedPostsAreIndexedFirst(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	fill(t, url, "300", "i")
	execIn(t, url, "UPDATE posts SET published_at = TIMESTAMPTZ '2026-01-01Z' - id * INTERVAL '1 s', published = TRUE, indexed_version = 0",
		"UPDATE posts SET published = FALSE, published_at = NULL WHERE id = 300", "DELETE FROM post_search")
	s := openStore(t, url, Options{})
	for id := 1; id <= domain.DefaultPageLimit; id++ {
		n, err := s.Posts().Index(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Equal(t, id, ask[int](t, url, "SELECT max(id) FROM posts WHERE indexed_version = version"))
	}
	require.NoError(t, s.readConn(t.Context(), func(ctx context.Context, conn *pgx.Conn) error {
		r := &recorder{DBTX: conn}
		posts, err := published(ctx, r, anywhere(0, "ccc*", false))
		require.Len(t, posts, domain.DefaultPageLimit)
		require.Equal(t, 1, r.queries, "it needs no look at all words that begin so")
		return err
	}))
	n, err := s.Posts().Index(t.Context(), 279)
	require.NoError(t, err)
	require.Equal(t, 279, n)
	require.Equal(t, 300, ask[int](t, url, "SELECT id FROM posts WHERE indexed_version <> version"))
	_, err = domain.IndexPosts(t.Context(), s)
	require.NoError(t, err)
	require.Zero(t, ask[int](t, url, "SELECT count(*) FROM posts WHERE indexed_version <> version"))
}

// rowExplainer explains queries for one row, too.
type rowExplainer struct{ pgdb.DBTX }

func (e rowExplainer) QueryRow(ctx context.Context, query string, args ...any) pgx.Row {
	_, err := e.Query(ctx, query, args...)
	return failedRow{err}
}

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

// An index serves both reading and counting unindexed posts, even if no post, or almost every post, is unindexed.
func TestTheBacklogIsReadByItsIndex(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	fill(t, url, "3000", "i")
	s := openStore(t, url, Options{})
	for _, statement := range []string{"UPDATE posts SET indexed_version = version", "UPDATE posts SET indexed_version = 0"} {
		execIn(t, url, statement, "VACUUM ANALYZE")
		for _, read := range []func(context.Context, pgdb.DBTX) error{
			func(ctx context.Context, db pgdb.DBTX) error {
				_, err := pgdb.New(db).UnindexedPosts(ctx, pgdb.UnindexedPostsParams{BeforeTime: domain.NewestPosition.PublishedAt, BatchSize: 10})
				return err
			},
			func(ctx context.Context, db pgdb.DBTX) error {
				_, err := pgdb.New(rowExplainer{db}).CountUnindexedPosts(ctx, 10_000)
				return err
			},
		} {
			plan := explain(t, s, planned{read: read}, true)
			scans := 0
			for _, n := range plan.all() {
				require.NotContains(t, n.Type, "Sort", plan)
				if n.Index == "posts_backlog_idx" && n.Direction == "Backward" {
					scans++
				}
			}
			require.Equal(t, 1, scans, plan)
		}
	}
}
