package sqlite

import (
	"database/sql"
	"testing"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/sql/migrations"
)

// changeIn runs statements in a database.
func changeIn(t *testing.T, path, statements string) {
	t.Helper()
	require.NoError(t, withDB(dsn(path), func(db *sql.DB) error {
		_, err := db.ExecContext(t.Context(), statements)
		return err
	}))
}

// undoMigrations brings the schema back to the last version without epochs.
func undoMigrations(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, withDB(dsn(path), func(db *sql.DB) error {
		provider, err := goose.NewProvider(goose.DialectSQLite3, db, migrations.SQLite(), goose.WithDisableGlobalRegistry(true))
		require.NoError(t, err)
		_, err = provider.DownTo(t.Context(), 20)
		return err
	}))
}

func TestNewEpochRefusesToPassTheHighestID(t *testing.T) {
	t.Parallel()
	path := storeOf(t, "ada@example.org")
	changeIn(t, path, "UPDATE sqlite_sequence SET seq = 9007199254740991 - 999999999 WHERE name = 'users'")
	s, err := Open(t.Context(), path, Options{})
	require.NoError(t, err)
	before, err := s.Epoch(t.Context())
	require.NoError(t, err)
	_, err = s.NewEpoch(t.Context(), domain.OperatorAction{})
	require.ErrorIs(t, err, domain.ErrNoIDsLeft)
	after, err := s.Epoch(t.Context())
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.NoError(t, s.Close())
}

// Tokens without an epoch stay valid in a store that had users before epochs were introduced.
func TestTheEpochOfAnOlderStoreIsTheFirst(t *testing.T) {
	t.Parallel()
	path := storeOf(t, "ada@example.org")
	undoMigrations(t, path)
	_, epoch := usersIn(t, path)
	require.True(t, epoch.First)
	require.True(t, epoch.First)
}

// Every table whose ids SQLite generates never reuses one, and a new epoch moves its ids forward.
func TestTablesWithIDsAreKnown(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), storeOf(t, "ada@example.org"), Options{})
	require.NoError(t, err)
	var known, all int
	require.NoError(t, s.readDB.QueryRow(`SELECT count(*) FILTER (WHERE sql LIKE '%AUTOINCREMENT%'), count(*)
		FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'goose%' AND name NOT LIKE 'post_search%' AND sql LIKE '% id %INTEGER%'
			AND sql LIKE '%PRIMARY KEY%' AND name NOT IN ('store_epoch', 'search_index') AND EXISTS (
				SELECT 1 FROM pragma_table_info(sqlite_schema.name) AS c WHERE c.name = 'id' AND c.type = 'INTEGER')`).Scan(&known, &all))
	listed := 0
	for _, table := range migrations.Tables {
		if table.MakesIDs {
			listed++
		}
	}
	require.Equal(t, listed, known)
	require.Equal(t, known, all)
	require.NoError(t, s.Close())
}
