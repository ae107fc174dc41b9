package postgres

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/sql/migrations"
)

// schemaQueries return everything about a schema except the times of the migrations.
var schemaQueries = []string{
	"SELECT concat_ws(' ', relname, relkind) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'goose_lock%'",
	`SELECT concat_ws(' ', attrelid::regclass, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
		attcollation::regcollation, pg_get_expr(adbin, adrelid)) FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid
		AND adnum = attnum WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace
		AND relname NOT LIKE 'goose_lock%')`,
	`SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		AND conname NOT LIKE 'goose_lock%'`,
	"SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'goose_lock'",
	"SELECT concat_ws(' ', sequencename, start_value, min_value, max_value, last_value) FROM pg_sequences",
	"SELECT concat_ws(' ', id, version_id, is_applied) FROM goose_db_version",
}

func schemaOf(t *testing.T, url string) (lines []string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	for _, query := range schemaQueries {
		rows, err := conn.Query(t.Context(), query+" ORDER BY 1")
		require.NoError(t, err)
		lines, err = pgx.AppendRows(lines, rows, pgx.RowTo[string])
		require.NoError(t, err)
	}
	return lines
}

func TestReplicaHasTheMigratedSchema(t *testing.T) {
	t.Parallel()
	migrated, url := pgtest.Migrated(t, Migrate), pgtest.Empty(t)
	r, err := CreateReplica(t.Context(), url)
	require.NoError(t, err)
	require.NoError(t, r.Commit(t.Context()))
	require.NoError(t, r.Close())
	want := schemaOf(t, migrated)
	require.Greater(t, len(want), 50)
	require.Equal(t, want, schemaOf(t, url))
	require.NoError(t, Migrate(t.Context(), url))
	require.Equal(t, want, schemaOf(t, url), "nothing was left to migrate")
}

// A failed attempt to migrate leaves the table of versions, with version 0.
func TestReplicaContinuesAfterAFailedFirstMigration(t *testing.T) {
	t.Parallel()
	migrated, url := pgtest.Migrated(t, Migrate), pgtest.Migrated(t, Migrate)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "DROP TABLE "+strings.Join(migrations.TableNames(), ", ")+" CASCADE; "+
		"DELETE FROM goose_db_version WHERE version_id > 0; ALTER TABLE goose_db_version ALTER COLUMN id RESTART WITH 2")
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	r, err := CreateReplica(t.Context(), url)
	require.NoError(t, err)
	require.NoError(t, r.Commit(t.Context()))
	require.NoError(t, r.Close())
	require.Equal(t, schemaOf(t, migrated), schemaOf(t, url))
}

// A copy that was killed while it created the schema leaves tables of an older version. They are not changed.
func TestReplicaRefusesAnOlderSchema(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	migrateUpTo(t, url, 9)
	before := schemaOf(t, url)
	_, err := CreateReplica(t.Context(), url)
	require.ErrorContains(t, err, "run the migrations first")
	require.Equal(t, before, schemaOf(t, url))
	require.NoError(t, Migrate(t.Context(), url))
	migrated := schemaOf(t, url)
	r, err := CreateReplica(t.Context(), url)
	require.NoError(t, err)
	require.NoError(t, r.Close(), "without a commit")
	require.Equal(t, migrated, schemaOf(t, url), "tables that were there before are not dropped")
}

func migrateUpTo(t *testing.T, url string, version int64) {
	t.Helper()
	config, err := copyConfig(url)
	require.NoError(t, err)
	db := stdlib.OpenDB(*config)
	defer func() { require.NoError(t, db.Close()) }()
	provider, err := newProvider(db)
	require.NoError(t, err)
	_, err = provider.UpTo(t.Context(), version)
	require.NoError(t, err)
}

// A migration fails because a view has the name of one of our tables.
func TestReplicaRemovesAFailedMigration(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	execIn(t, url, "CREATE VIEW shown_posts AS SELECT 1")
	_, err := CreateReplica(t.Context(), url)
	require.ErrorContains(t, err, "00020_shown_posts.sql")
	require.Equal(t, []string{"shown_posts"}, list(t, url, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"))
}

// Another process may already use the tables that a failed copy created.
func TestAReplicaDropsNoTableWithRows(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	r, err := CreateReplica(t.Context(), url)
	require.NoError(t, err)
	require.NoError(t, r.Snapshot.Close())
	execIn(t, url, "INSERT INTO ended_sessions (sid, ended_at) VALUES ('a', now())")
	require.ErrorContains(t, r.Close(), "the table ended_sessions has rows")
	require.Equal(t, []string{"a"}, list(t, url, "SELECT sid FROM ended_sessions"))
}

func TestLastIDs(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	for _, commit := range []bool{false, true} {
		r, err := CreateReplica(t.Context(), url)
		require.NoError(t, err)
		for table, id := range map[string]int64{"users": 1<<53 - 1, "posts": 41} {
			found, err := r.LastID(t.Context(), table)
			require.NoError(t, err)
			require.Zero(t, found, "a rollback undid the attempt before")
			for _, id := range []int64{id, 0, id} {
				require.NoError(t, r.SetLastID(t.Context(), table, id))
				found, err = r.LastID(t.Context(), table)
				require.NoError(t, err)
				require.Equal(t, id, found, table)
			}
		}
		if commit {
			require.NoError(t, r.Commit(t.Context()))
		}
		require.NoError(t, r.Close())
	}
	require.Equal(t, []string{"42"}, list(t, url, "SELECT nextval('posts_id_seq')::text"))
}

func TestCommitAfterAFailureFails(t *testing.T) {
	t.Parallel()
	r, err := CreateReplica(t.Context(), pgtest.Empty(t))
	require.NoError(t, err)
	_, err = r.conn.ExecContext(t.Context(), "SELECT 1/0")
	require.Error(t, err)
	require.EqualError(t, r.Commit(t.Context()), "the transaction had failed and was rolled back")
	require.NoError(t, r.Close())
}

func TestACopyGoesThroughPgBouncer(t *testing.T) {
	t.Parallel()
	direct := pgtest.Empty(t)
	url := pgtest.Bouncer(t, direct)(direct)
	r, err := CreateReplica(t.Context(), url)
	require.NoError(t, err)
	row := []any{int64(7), "a@example.org", "a@example.org", nil, "hash", moment}
	users := migrations.Table{Name: "users", Key: []string{"id"}, Columns: []string{
		"id", "email", "email_key", "name", "password_hash", "created_at",
	}}
	require.NoError(t, r.Insert(t.Context(), users, func(yield func([]any, error) bool) { yield(row, nil) }))
	require.NoError(t, r.SetLastID(t.Context(), "users", 9))
	require.NoError(t, r.Commit(t.Context()))
	require.NoError(t, r.Close())

	s, err := OpenSnapshot(t.Context(), url)
	require.NoError(t, err)
	var found [][]any
	for row, err := range s.Rows(t.Context(), users) {
		require.NoError(t, err)
		found = append(found, slices.Clone(row))
	}
	require.Equal(t, [][]any{row}, found)
	id, err := s.LastID(t.Context(), "users")
	require.NoError(t, err)
	require.EqualValues(t, 9, id)
	require.NoError(t, s.Close())
}
