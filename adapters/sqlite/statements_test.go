package sqlite

import (
	"database/sql"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestStatementsArePreparedOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	_, err := insertUser(t.Context(), s, "ada@example.org")
	require.NoError(t, err)
	kept := &statements{DBTX: s.readDB}
	stmts := make([]*sql.Stmt, 8)
	var preparing sync.WaitGroup
	for i := range stmts {
		preparing.Go(func() { stmts[i] = kept.prepare(t.Context(), "SELECT id FROM users") })
	}
	preparing.Wait()
	for _, stmt := range stmts {
		require.Same(t, stmts[0], stmt)
	}
	require.NoError(t, stmts[0].QueryRowContext(t.Context()).Scan(new(int)))
	require.NoError(t, kept.close())
	require.ErrorContains(t, stmts[0].QueryRowContext(t.Context()).Scan(new(int)), "closed")
}

func TestStatementThatCannotBePreparedFails(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	const text = "SELECT lost FROM users"
	_, want := s.readDB.QueryContext(t.Context(), text)
	require.ErrorContains(t, want, "no such column")
	_, err := s.reads.QueryContext(t.Context(), text)
	require.Equal(t, want, err)
	_, err = s.reads.ExecContext(t.Context(), text)
	require.Equal(t, want, err)
	require.Equal(t, want, s.reads.QueryRowContext(t.Context(), text).Scan(new(int)))
}

// Another process may migrate the schema while this one runs.
func TestPreparedStatementsSurviveAMigration(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postern.db")
	s, err := Open(t.Context(), path, Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	owner, err := insertUser(t.Context(), s, "ada@example.org")
	require.NoError(t, err)
	var view string
	require.NoError(t, s.readDB.QueryRowContext(t.Context(), "SELECT sql FROM sqlite_schema WHERE name = 'shown_posts'").Scan(&view))
	draft := domain.NewPost{OwnerID: owner.ID, Title: "title", Content: "content", CreatedAt: moment}
	for _, migration := range []string{
		"SELECT 1", "ALTER TABLE posts ADD COLUMN extra TEXT", "CREATE INDEX extra_idx ON posts (extra)", "CREATE TABLE later (id INTEGER)",
		"DROP VIEW shown_posts; " + strings.Replace(view, "p.id,", "p.id, 1 AS more,", 1),
	} {
		execIn(t, path, migration)
		inserted, err := s.Posts().Insert(t.Context(), draft)
		require.NoError(t, err, migration)
		post, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: owner.ID}, inserted.ID)
		require.NoError(t, err, migration)
		require.Equal(t, inserted, post, migration)
		found, err := s.Posts().OwnedBy(t.Context(), domain.OwnPostRange{Owner: owner.ID, From: domain.MaxID, Limit: 100})
		require.NoError(t, err, migration)
		require.Contains(t, found, post, migration)
	}
}
