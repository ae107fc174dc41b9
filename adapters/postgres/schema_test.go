package postgres

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/sql/migrations"
)

// list returns the values that a query returns.
func list(t *testing.T, url, query string) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	rows, err := conn.Query(t.Context(), query)
	require.NoError(t, err)
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	return values
}

const ours = " NOT LIKE 'goose\\_%' "

// A distributed database does not support these.
func TestTheSchemaCanBeDistributed(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	for rule, query := range map[string]string{
		"no triggers":          `SELECT tgname FROM pg_trigger WHERE NOT tgisinternal`,
		"no extensions":        `SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'`,
		"no functions":         `SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
		"no generated columns": `SELECT attname FROM pg_attribute WHERE attgenerated <> ''`,
		"uniqueness, other than of keys, among users only": `SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class AS c ON c.oid = indrelid
			WHERE c.relnamespace = 'public'::regnamespace AND c.relname` + ours + `AND indisunique AND NOT indisprimary AND c.relname <> 'users'`,
		"keys that refer to users, or to posts by what comes first in a primary key": `SELECT conname FROM pg_constraint AS f
			WHERE contype = 'f' AND confrelid <> 'users'::regclass AND NOT (confrelid = 'posts'::regclass AND conkey = (
				SELECT conkey[1:1] FROM pg_constraint AS p WHERE p.contype = 'p' AND p.conrelid = f.conrelid))`,
		"text that is compared for order is compared by bytes": `SELECT a.attname FROM pg_index JOIN pg_class AS c ON c.oid = indrelid
			JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (indkey)
			WHERE c.relnamespace = 'public'::regnamespace AND a.atttypid = 'text'::regtype AND a.attcollation <> '"C"'::regcollation`,
		"identities that a copy can bring": `SELECT attname FROM pg_attribute WHERE attidentity = 'a'`,
	} {
		require.Empty(t, list(t, url, query), rule)
	}
}

func TestConstraintsAreNamed(t *testing.T) {
	t.Parallel()
	names := list(t, pgtest.Migrated(t, Migrate), `SELECT c.relname || ' ' || conname FROM pg_constraint JOIN pg_class AS c ON c.oid = conrelid
		WHERE c.relnamespace = 'public'::regnamespace AND contype <> 'n' AND c.relname`+ours) // PostgreSQL 18 also names NOT NULL constraints
	require.NotEmpty(t, names)
	text := strings.Builder{}
	files, err := fs.Glob(migrations.Postgres(), "*.sql")
	require.NoError(t, err)
	for _, file := range files {
		content, err := fs.ReadFile(migrations.Postgres(), file)
		require.NoError(t, err)
		text.Write(content)
	}
	for _, name := range names {
		table, constraint, _ := strings.Cut(name, " ")
		require.True(t, strings.HasPrefix(constraint, table+"_"), name)
		require.True(t, strings.Contains(text.String(), "CONSTRAINT "+constraint+" "), "no migration names %s", name)
	}
}
