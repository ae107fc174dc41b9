package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"example.com/postern/sql/migrations"
)

// lockSchema excludes other processes while the schema is checked and changed. goose needs several transactions, and an
// SQLite lock ends with its transaction. So the lock is a transaction in another file beside the database, which stays
// empty. The operating system releases it if the process dies.
func lockSchema(ctx context.Context, path string) (unlock func() error, err error) {
	lockPath, err := prepareFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn(lockPath, "_busy_timeout=60000"))
	if err != nil {
		return nil, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return func() error { return errors.Join(tx.Rollback(), db.Close()) }, nil
}

// migrateStore is [migrate] on a store's only writing connection. In a new database it does not wait for the disk after each
// migration. SQLite reads the write-ahead log up to the first damaged frame. So after a loss of power the first migrations
// remain, and the next start runs the others. The first acknowledged write makes everything before it durable.
func migrateStore(ctx context.Context, db *sql.DB, synchronous string) (version int64, err error) {
	tables, _, err := countTables(ctx, db)
	if err != nil {
		return 0, err
	}
	if tables > 0 {
		return migrate(ctx, db)
	}
	if _, err := db.ExecContext(ctx, "PRAGMA synchronous = OFF"); err != nil {
		return 0, err
	}
	version, err = migrate(ctx, db)
	_, resetErr := db.ExecContext(ctx, "PRAGMA synchronous = "+synchronous)
	return version, errors.Join(err, resetErr)
}

// migrate brings the schema up to this program's version, and returns that version.
func migrate(ctx context.Context, db *sql.DB) (int64, error) {
	if err := checkOwnTables(ctx, db); err != nil {
		return 0, err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, migrations.SQLite(), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, err
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return 0, err
	}
	if current > target {
		return 0, fmt.Errorf("its schema has version %d, this program knows %d: run a newer program", current, target)
	}
	if _, err := provider.Up(ctx); err != nil {
		return 0, fmt.Errorf("bring the schema from version %d to %d: %w", current, target, err)
	}
	return target, nil
}

// checkOwnTables refuses a database with tables that our migrations did not create.
func checkOwnTables(ctx context.Context, db *sql.DB) error {
	tables, versions, err := countTables(ctx, db)
	if err != nil {
		return err
	}
	if tables > 0 && versions == 0 {
		return errors.New("it holds tables that this program did not make")
	}
	return nil
}

// countTables returns the number of tables and views, and how many of them are goose's.
func countTables(ctx context.Context, db database.DBTxConn) (tables, versions int, err error) {
	err = db.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE name = ?)
		FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`,
		goose.DefaultTablename).Scan(&tables, &versions)
	return tables, versions, err
}

// schemaVersion returns the version of the last migration that was applied.
func schemaVersion(ctx context.Context, db database.DBTxConn) (int64, error) {
	versions, err := database.NewStore(database.DialectSQLite3, goose.DefaultTablename)
	if err != nil {
		return 0, err
	}
	return versions.GetLatestVersion(ctx, db)
}
