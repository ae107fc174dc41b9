package postgres

import (
	"database/sql"
	"testing"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
	"example.com/postern/sql/migrations"
)

func TestNewEpochRefusesToPassTheHighestID(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s, err := Open(t.Context(), url, Options{})
	require.NoError(t, err)
	before, err := s.Epoch(t.Context())
	require.NoError(t, err)
	for _, last := range []string{"9007199254740991 - 999999999", "9007199254740991"} {
		list(t, url, "SELECT setval('users_id_seq', "+last+")::text")
		_, err = s.NewEpoch(t.Context(), domain.OperatorAction{})
		require.ErrorIs(t, err, domain.ErrNoIDsLeft)
		after, err := s.Epoch(t.Context())
		require.NoError(t, err)
		require.Equal(t, before, after)
	}
	require.NoError(t, s.Close())
}

// Tokens without an epoch stay valid in a store that had users before epochs were introduced.
func TestTheEpochOfAnOlderStoreIsTheFirst(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	execIn(t, url, "INSERT INTO users (email, email_key, password_hash, created_at) VALUES ('a', 'a', '', now())")
	db, err := sql.Open("pgx", url)
	require.NoError(t, err)
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Postgres(), goose.WithDisableGlobalRegistry(true))
	require.NoError(t, err)
	_, err = provider.DownTo(t.Context(), 20)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	s, err := Open(t.Context(), url, Options{})
	require.NoError(t, err)
	epoch, err := s.Epoch(t.Context())
	require.NoError(t, err)
	require.True(t, epoch.First)
	require.NoError(t, s.Close())
}

func TestTablesWithIDsAreKnown(t *testing.T) {
	t.Parallel()
	var tables []string
	for _, table := range migrations.Tables {
		if table.MakesIDs {
			tables = append(tables, table.Name)
		}
	}
	require.ElementsMatch(t, tables, list(t, pgtest.Migrated(t, Migrate), `SELECT attrelid::regclass::text FROM pg_attribute AS a
		JOIN pg_class AS c ON c.oid = attrelid WHERE c.relnamespace = 'public'::regnamespace AND attidentity <> '' AND c.relname`+ours))
}
