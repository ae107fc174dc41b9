//go:build sqlcvet

package postgres

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/sql/migrations"
)

// TestQueriesAreVetted prepares every query of sql/queries on a migrated database of each engine, and checks the rules of
// sqlc.yaml. It has a build tag because building sqlc takes minutes the first time:
//
//	go test -tags sqlcvet -run TestQueriesAreVetted ./adapters/postgres
func TestQueriesAreVetted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "vet.db")
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, migrations.SQLite(), goose.WithDisableGlobalRegistry(true))
	require.NoError(t, err)
	_, err = provider.Up(t.Context())
	require.NoError(t, err)
	require.NoError(t, db.Close())

	cmd := exec.CommandContext(t.Context(), "go", "tool", "-modfile=tools.mod", "sqlc", "vet")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "POSTERN_VET_SQLITE=file:"+file, "POSTERN_VET_POSTGRES="+pgtest.Migrated(t, Migrate))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
