package sqlite

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// TestVerifiedBackupIsOfOneMoment writes to the database after the rows were counted and before they are copied.
func TestVerifiedBackupIsOfOneMoment(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	_, err := insertUser(t.Context(), s, "ada@example.org")
	require.NoError(t, err)
	db, err := sql.Open("sqlite", readDSN(s.path))
	require.NoError(t, err)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	counts, err := beginWithCounts(t.Context(), conn)
	require.NoError(t, err)
	_, err = insertUser(t.Context(), s, "bob@example.org")
	require.NoError(t, err)
	target := filepath.Join(t.TempDir(), "pages.db")
	require.NoError(t, os.WriteFile(target, nil, 0o600))
	require.NoError(t, conn.Raw(func(driverConn any) error { return runBackup(t.Context(), driverConn, target) }))
	require.NoError(t, conn.Close())
	require.NoError(t, db.Close())
	require.NoError(t, withDB(readDSN(target)+"&immutable=1", func(db *sql.DB) error { return compareCounts(t.Context(), db, counts) }))
	require.Contains(t, counts, TableCount{"users", 1})

	counts, err = Backup(t.Context(), s.path, filepath.Join(t.TempDir(), "copy.db"), true)
	require.NoError(t, err)
	require.Contains(t, counts, TableCount{"users", 2})
}

func TestVerifiedBackupEqualsABackup(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, name := range []string{"ada", "bob"} {
		_, err := insertUser(t.Context(), s, domain.Email(name+"@example.org"))
		require.NoError(t, err)
	}
	folder := t.TempDir()
	counts, err := Backup(t.Context(), s.path, filepath.Join(folder, "plain.db"), false)
	require.NoError(t, err)
	require.Nil(t, counts)
	_, err = Backup(t.Context(), s.path, filepath.Join(folder, "verified.db"), true)
	require.NoError(t, err)
	plain, verified := files(t, folder)["plain.db"], files(t, folder)["verified.db"]
	const cookie = 40 // https://www.sqlite.org/fileformat.html: the schema cookie, which only has to change
	require.Equal(t, plain[:cookie], verified[:cookie])
	require.Equal(t, plain[cookie+4:], verified[cookie+4:])
	require.Len(t, files(t, folder), 2, "the second copy was removed")
	var b strings.Builder
	_, err = Stream(t.Context(), s.path, &b, true)
	require.NoError(t, err)
	require.Equal(t, verified, b.String())
}

func TestRowsThatDifferAreNoBackup(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postern.db")
	makeStore(t, path)
	require.NoError(t, withDB(readDSN(path), func(db *sql.DB) error {
		counts, err := tableCounts(t.Context(), db)
		require.NoError(t, err)
		require.NoError(t, compareCounts(t.Context(), db, counts))
		counts[0].Rows++
		require.ErrorContains(t, compareCounts(t.Context(), db, counts), "has 1 rows in the store, and the copy has 0")
		require.ErrorContains(t, compareCounts(t.Context(), db, counts[1:]), "tables")
		return nil
	}))
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	makeStore(t, damaged)
	content, err := os.ReadFile(damaged)
	require.NoError(t, err)
	copy(content[len(content)/2:], strings.Repeat("\xff", len(content)/2))
	require.NoError(t, os.WriteFile(damaged, content, 0o600))
	target := filepath.Join(t.TempDir(), "copy.db")
	_, err = Backup(t.Context(), damaged, target, true)
	require.Error(t, err)
	require.Empty(t, files(t, filepath.Dir(target)), "nothing is left")

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Backup(ended, path, target, true)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, files(t, filepath.Dir(target)))
}
