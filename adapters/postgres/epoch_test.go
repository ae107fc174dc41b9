package postgres

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
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
		_, err = s.NewEpoch(t.Context())
		require.ErrorIs(t, err, domain.ErrNoIDsLeft)
		after, err := s.Epoch(t.Context())
		require.NoError(t, err)
		require.Equal(t, before, after)
	}
	require.NoError(t, s.Close())
}

// Tokens from before there were epochs stay good where there are users who may hold one.
func TestTheEpochOfAnOlderStoreIsTheFirst(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), `INSERT INTO users (email, email_key, password_hash, created_at) VALUES ('a', 'a', '', now());
		DROP TABLE store_epoch; DELETE FROM goose_db_version WHERE version_id = 21`)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	s, err := Open(t.Context(), url, Options{})
	require.NoError(t, err)
	epoch, err := s.Epoch(t.Context())
	require.NoError(t, err)
	require.True(t, epoch.First)
	require.NoError(t, s.Close())
}

func TestTablesWithIDsAreKnown(t *testing.T) {
	t.Parallel()
	require.ElementsMatch(t, idTables, list(t, pgtest.Migrated(t, Migrate), `SELECT attrelid::regclass::text FROM pg_attribute AS a
		JOIN pg_class AS c ON c.oid = attrelid WHERE c.relnamespace = 'public'::regnamespace AND attidentity <> '' AND c.relname`+ours))
}
