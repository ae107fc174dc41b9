package main

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/postgres/pgtest"
)

// Whoever adds a table or a column has to say whether it is copied: see copy_tables.go.
func TestEverythingIsCopiedOrAnException(t *testing.T) {
	t.Parallel()
	want := map[string][]string{}
	for _, table := range copiedTables {
		want[table.name] = table.columns
	}
	exceptions := map[string]bool{}
	for engine, schema := range map[string]map[string][]string{"SQLite": schemaOfFile(t), "PostgreSQL": schemaOfDatabase(t)} {
		copied := map[string][]string{}
		for table, columns := range schema {
			if _, excepted := uncopied[table]; excepted {
				exceptions[table] = true
				continue
			}
			copied[table] = slices.DeleteFunc(columns, func(column string) bool {
				_, excepted := uncopied[table+"."+column]
				exceptions[table+"."+column] = excepted
				return excepted
			})
		}
		require.Equal(t, want, copied, engine)
	}
	for name := range uncopied {
		require.True(t, exceptions[name], "%s is an exception, and nowhere", name)
	}
}

func schemaOfFile(t *testing.T) map[string][]string {
	t.Helper()
	rows, err := openRaw(t, storeWith(t)).Query(`SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_xinfo(t.name) AS c
		WHERE t.type = 'table' ORDER BY t.name, c.cid`)
	require.NoError(t, err)
	schema := map[string][]string{}
	for rows.Next() {
		var table, column string
		require.NoError(t, rows.Scan(&table, &column))
		schema[table] = append(schema[table], column)
	}
	require.NoError(t, rows.Err())
	return schema
}

func schemaOfDatabase(t *testing.T) map[string][]string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), pgtest.Migrated(t, postgres.Migrate))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	rows, err := conn.Query(t.Context(), `SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
		ORDER BY c.relname, a.attnum`)
	require.NoError(t, err)
	schema := map[string][]string{}
	var table, column string
	_, err = pgx.ForEachRow(rows, []any{&table, &column}, func() error {
		schema[table] = append(schema[table], column)
		return nil
	})
	require.NoError(t, err)
	return schema
}
