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
func migrateStore(ctx context.Context, db *sql.DB, synchronous string) error {
	tables, _, err := countTables(ctx, db)
	if err != nil {
		return err
	}
	if tables > 0 {
		return migrate(ctx, db)
	}
	if _, err := db.ExecContext(ctx, "PRAGMA synchronous = OFF"); err != nil {
		return err
	}
	err = migrate(ctx, db)
	_, resetErr := db.ExecContext(ctx, "PRAGMA synchronous = "+synchronous)
	return errors.Join(err, resetErr)
}

// latestVersion is the version of the schema that this program needs.
var latestVersion = migrations.LatestVersion(migrations.SQLite())

// migrate brings the schema up to latestVersion. It refuses a database with tables that our migrations did not create.
func migrate(ctx context.Context, db *sql.DB) error {
	tables, versions, err := countTables(ctx, db)
	if err != nil {
		return err
	}
	if tables > 0 && versions == 0 {
		return errors.New("it holds tables that this program did not make")
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, migrations.SQLite(), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	current, err := provider.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	if current > latestVersion {
		return fmt.Errorf("its schema has version %d, this program knows %d: run a newer program", current, latestVersion)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bring the schema from version %d to %d: %w", current, latestVersion, err)
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

// schemaVersion returns the version of the last migration that was applied, or 0.
func schemaVersion(ctx context.Context, db database.DBTxConn) (version int64, err error) {
	_, versions, err := countTables(ctx, db)
	if err != nil || versions == 0 {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM "+goose.DefaultTablename).Scan(&version)
	return version, err
}
