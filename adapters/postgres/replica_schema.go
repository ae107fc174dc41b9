package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"example.com/postern/sql/migrations"
)

// filledTables have a row in an empty store too: migrations write them.
var filledTables = []string{"search_index", "store_epoch"}

// createSchema makes the schema as goose would, but in the transaction that the connection is in, which goose cannot. Two that
// do so at once meet at the first table: the second waits, and fails.
func createSchema(ctx context.Context, conn *sql.Conn) error {
	versions, err := database.NewStore(database.DialectPostgres, goose.DefaultTablename)
	if err != nil {
		return err
	}
	if err := createVersionTable(ctx, conn, versions); err != nil {
		return err
	}
	files, err := fs.Glob(migrations.Postgres(), "*.sql")
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := apply(ctx, conn, versions, file); err != nil {
			return fmt.Errorf("make the schema: %s: %w", file, plain(err))
		}
	}
	return nil
}

// createVersionTable does nothing where migrations had begun without making any.
func createVersionTable(ctx context.Context, conn *sql.Conn, versions database.Store) error {
	var exists bool
	err := conn.QueryRowContext(ctx, "SELECT to_regclass($1) IS NOT NULL", versions.Tablename()).Scan(&exists)
	if err != nil || exists {
		return err
	}
	if err := versions.CreateVersionTable(ctx, conn); err != nil {
		return err
	}
	return versions.Insert(ctx, conn, database.InsertRequest{Version: 0})
}

func apply(ctx context.Context, conn *sql.Conn, versions database.Store, file string) error {
	version, err := goose.NumericComponent(file)
	if err != nil {
		return err
	}
	text, err := fs.ReadFile(migrations.Postgres(), file)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, upwards(string(text))); err != nil {
		return err
	}
	return versions.Insert(ctx, conn, database.InsertRequest{Version: version})
}

// upwards returns the statements of a migration for a schema that nobody else sees yet. Others are neither kept waiting nor
// could they be, so CONCURRENTLY, which no transaction may contain, is left out.
func upwards(migration string) string {
	_, up, _ := strings.Cut(migration, "-- +goose Up")
	up, _, _ = strings.Cut(up, "-- +goose Down")
	return strings.ReplaceAll(up, " CONCURRENTLY", "")
}

// lockEmpty keeps others from writing to our tables, and refuses them if they have rows or are of another version.
func lockEmpty(ctx context.Context, conn *pgx.Conn, version int64) error {
	known, err := knownVersion()
	if err != nil {
		return err
	}
	if version != known {
		return fmt.Errorf("its schema has version %d, and this program's is %d: make the migrations first, or give an empty database",
			version, known)
	}
	tables := migrations.TableNames()
	if _, err := conn.Exec(ctx, "LOCK TABLE "+quoted(tables...)+" IN SHARE ROW EXCLUSIVE MODE"); err != nil {
		return err
	}
	for _, table := range tables {
		if slices.Contains(filledTables, table) {
			continue
		}
		var hasRows bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM "+quoted(table)+")").Scan(&hasRows); err != nil {
			return err
		}
		if hasRows {
			return fmt.Errorf("it is not empty: the table %s has rows", table)
		}
	}
	return nil
}
