package main

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/sql/migrations"
)

// schemaQueries read a migrated schema, except the tables of the engine, of goose and of the search index.
type schemaQueries struct {
	columns  string // table.column, in the order of the schema
	keys     string // table.column, in the order of the primary key
	makesIDs string // the tables whose ids the database generates
}

var sqliteQueries = schemaQueries{
	columns: `SELECT t.name || '.' || c.name FROM sqlite_schema AS t, pragma_table_xinfo(t.name) AS c WHERE t.type = 'table'
		AND t.name NOT LIKE 'post\_search%' ESCAPE '\' AND t.name NOT IN ('goose_db_version', 'sqlite_sequence') ORDER BY t.name, c.cid`,
	keys: `SELECT t.name || '.' || c.name FROM sqlite_schema AS t, pragma_table_xinfo(t.name) AS c WHERE t.type = 'table' AND c.pk > 0
		AND t.name NOT LIKE 'post\_search%' ESCAPE '\' AND t.name NOT IN ('goose_db_version', 'search_index') ORDER BY t.name, c.pk`,
	makesIDs: `SELECT name FROM sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%' AND name <> 'goose_db_version' ORDER BY name`,
}

var postgresQueries = schemaQueries{
	columns: `SELECT c.relname || '.' || a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
		AND c.relname NOT IN ('goose_db_version', 'goose_lock', 'post_search') ORDER BY c.relname, a.attnum`,
	keys: `SELECT c.relname || '.' || a.attname FROM pg_class AS c JOIN pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p'
		JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (k.conkey) WHERE c.relnamespace = 'public'::regnamespace
		AND c.relname NOT IN ('goose_db_version', 'goose_lock', 'post_search', 'search_index')
		ORDER BY c.relname, array_position(k.conkey, a.attnum)`,
	makesIDs: `SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid WHERE a.attidentity <> ''
		AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'goose_db_version' ORDER BY c.relname`,
}

// TestTheListOfTablesIsTheSchema fails for a new table or column until [migrations.Tables] lists it.
func TestTheListOfTablesIsTheSchema(t *testing.T) {
	t.Parallel()
	tables := slices.SortedFunc(slices.Values(migrations.Tables), func(a, b migrations.Table) int { return strings.Compare(a.Name, b.Name) })
	var columns, keys, makesIDs, seeded, names []string
	for _, table := range tables {
		names = append(names, table.Name)
		for _, column := range table.Columns {
			columns = append(columns, table.Name+"."+column)
		}
		for _, column := range table.Key {
			keys = append(keys, table.Name+"."+column)
		}
		if table.MakesIDs {
			makesIDs = append(makesIDs, table.Name)
		}
		if table.Seeded {
			seeded = append(seeded, table.Name)
		}
	}
	notCopied := []string{"posts.indexed_version", "search_index.id", "search_index.tokenizer", "search_index.before_id"}
	for engine, read := range map[string]struct {
		driver, at string
		schemaQueries
	}{
		"SQLite":     {"sqlite", storeWith(t), sqliteQueries},
		"PostgreSQL": {"pgx", pgtest.Migrated(t, postgres.Migrate), postgresQueries},
	} {
		db, err := sql.Open(read.driver, read.at)
		require.NoError(t, err)
		found := texts(t, db, read.columns)
		for _, column := range notCopied {
			require.Contains(t, found, column, engine)
		}
		require.Equal(t, columns, slices.DeleteFunc(found, func(column string) bool { return slices.Contains(notCopied, column) }), engine)
		// SQLite makes ids for a primary key of one column only. The key of a table then has more columns than that.
		require.Subset(t, keys, texts(t, db, read.keys), engine)
		if engine == "PostgreSQL" {
			require.Equal(t, keys, texts(t, db, read.keys), engine)
		}
		require.Equal(t, makesIDs, texts(t, db, read.makesIDs), engine)
		var withRows []string
		for _, name := range names {
			withRows = append(withRows, texts(t, db, "SELECT '"+name+"' FROM "+name)...)
		}
		require.Equal(t, seeded, withRows, engine)
		require.NoError(t, db.Close())
	}
	require.ElementsMatch(t, append(names, "post_search", "search_index"), migrations.TableNames())
}

// texts returns the first column of a query's rows.
func texts(t *testing.T, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.Query(query)
	require.NoError(t, err)
	for rows.Next() {
		var text string
		require.NoError(t, rows.Scan(&text))
		all = append(all, text)
	}
	require.NoError(t, rows.Err())
	return all
}
