package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"

	"example.com/postern/sql/migrations"
)

// versionQuery returns the version of the last migration that was applied, and whether the database is read-only.
const versionQuery = "SELECT coalesce(max(version_id), 0), current_setting('transaction_read_only') = 'on' FROM " + goose.DefaultTablename

// Migrate brings the schema of the database at url up to this program's version. It leaves a newer schema as it is. It
// needs a direct connection and a role that may change the schema. Several processes may call it at the same time: one
// migrates, and the others wait. It refuses a database in which another program created tables of the same names. No
// error contains a password.
func Migrate(ctx context.Context, url string) error {
	if err := migrateTo(ctx, url, latestVersion, maxLockWait); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	return nil
}

// latestVersion is the version of the schema that this program needs.
var latestVersion = migrations.LatestVersion(migrations.Postgres())

// migrateTo brings an older schema up to the version target. It tries for about lockWait to get a lock.
func migrateTo(ctx context.Context, url string, target int64, lockWait time.Duration) (err error) {
	db, err := openForMigrations(url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	version, err := checkOwnTables(ctx, db)
	if err != nil || version >= target {
		return safe(err)
	}
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	if err := upTo(ctx, provider, target, lockWait); err != nil {
		return fmt.Errorf("bring the schema up to version %d: %w", target, err)
	}
	return nil
}

// A statement that waits for the lock of a table blocks all later statements on it. So a migration waits only briefly,
// pauses to let other statements run, and tries again. The migrations with CONCURRENTLY, which block nobody, set their own
// lock_timeout.
const (
	lockAttempt  = 500 * time.Millisecond
	minLockPause = time.Second // leaves other statements at least half of the time
	maxLockPause = 8 * time.Second
	maxLockWait  = 10 * time.Minute
)

// upTo applies the migrations up to the version target that were not applied yet. A migration that did not get a lock was
// rolled back, and is tried again until the pauses would exceed lockWait in total.
func upTo(ctx context.Context, provider *goose.Provider, target int64, lockWait time.Duration) error {
	waited := time.Duration(0)
	for longest := minLockPause; ; longest = min(2*longest, maxLockPause) {
		_, err := provider.UpTo(ctx, target)
		if sqlState(err) != lockNotAvailable {
			return withFileName(err)
		}
		pause := minLockPause/2 + rand.N(longest)
		if waited += pause; waited > lockWait {
			return fmt.Errorf("another transaction kept a lock on a table for %s: end it, or try again later: %w", lockWait, withFileName(err))
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// withFileName adds the name of the migration that failed.
func withFileName(err error) error {
	if failed, ok := errors.AsType[*goose.PartialError](err); ok && failed.Failed != nil {
		return fmt.Errorf("%s: %w", failed.Failed.Source.Path, safe(err))
	}
	return safe(err)
}

// openForMigrations opens a database whose statements wait for a lock at most for lockAttempt. There are no other timeouts,
// because a migration may take hours.
func openForMigrations(url string) (*sql.DB, error) {
	config, err := parse(url, adminConnectTimeout, false)
	if err != nil {
		return nil, fmt.Errorf("for migrations: %w", err)
	}
	for name, value := range (Options{LockTimeout: lockAttempt}).serverTimeouts() {
		sendSetting(&config.ConnConfig.Config, name, value)
	}
	db := stdlib.OpenDB(*config.ConnConfig, stdlib.OptionBeforeConnect(config.BeforeConnect))
	db.SetMaxOpenConns(3) // for goose's migrations, its lock, and the lock's heartbeat
	return db, nil
}

// newProvider returns a goose provider whose lock is a row in a table. An advisory lock would belong to a session, and
// could be left behind in a pool. The lock of a process that died expires after 30 seconds.
func newProvider(db *sql.DB) (*goose.Provider, error) {
	locker, err := lock.NewPostgresTableLocker(
		lock.WithTableLockTimeout(time.Second, 600), // tried every second, for ten minutes
		lock.WithTableUnlockTimeout(time.Second, 30),
		lock.WithTableLogger(slog.New(slog.DiscardHandler)), // errors are returned
	)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, migrations.Postgres(),
		goose.WithLocker(locker), goose.WithDisableGlobalRegistry(true))
}

// checkOwnTables returns the version of the schema. It refuses tables of the same names that another program created. It
// looks at the tables before the version: another process may be creating them.
func checkOwnTables(ctx context.Context, db *sql.DB) (version int64, err error) {
	var found int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n
		ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relname = ANY (string_to_array($1, ','))`,
		strings.Join(migrations.TableNames(), ",")).Scan(&found); err != nil {
		return 0, err
	}
	version, err = schemaVersion(ctx, db)
	switch {
	case err != nil:
		return 0, err
	case version == 0 && found > 0:
		return 0, errors.New("the database has tables of our names that this program did not make")
	case version >= latestVersion && found == 0:
		return 0, fmt.Errorf("the database has a table %s that this program did not make", goose.DefaultTablename)
	}
	return version, nil
}

// schemaVersion returns the version of the last migration that was applied, or 0.
func schemaVersion(ctx context.Context, db database.DBTxConn) (version int64, err error) {
	var readOnly bool
	err = db.QueryRowContext(ctx, versionQuery).Scan(&version, &readOnly)
	if sqlState(err) == undefinedTable {
		err = nil
	}
	return version, err
}
