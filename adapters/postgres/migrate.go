package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"example.com/postern/sql/migrations"
)

// versionQuery asks for the version of the last migration that was made, and whether the database may only be read.
const versionQuery = "SELECT coalesce(max(version_id), 0), current_setting('transaction_read_only') = 'on' FROM " + goose.DefaultTablename

// Migrate brings the schema of the database at url up to this program's, and leaves a newer one as it is. It wants a direct
// connection and a role that may change the schema. Several processes may call it at the same time: one works, the others wait
// for it. It refuses a database that holds tables of our names that are not ours. No error holds a password.
func Migrate(ctx context.Context, url string) error {
	if err := migrate(ctx, url); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	return nil
}

func migrate(ctx context.Context, url string) error {
	known, err := knownVersion()
	if err != nil {
		return err
	}
	return migrateTo(ctx, url, known, maxLockWait)
}

// migrateTo brings an older schema up to a version. lockWait is how long it tries to get a lock before it gives up.
func migrateTo(ctx context.Context, url string, target int64, lockWait time.Duration) (err error) {
	sliced, err := openForMigrations(url, lockSlice)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sliced.Close()) }()
	version, err := checkOwnTables(ctx, sliced)
	if err != nil || version >= target {
		return plain(err)
	}
	// What is made CONCURRENTLY lets everybody else work while it waits. It may wait for a transaction as long as that lasts: given up,
	// it would have to begin anew.
	patient, err := openForMigrations(url, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, patient.Close()) }()
	steps, err := migrationSteps(target)
	if err != nil {
		return err
	}
	for _, s := range steps {
		db := sliced
		if s.concurrently {
			db = patient
		}
		if err := s.run(ctx, db, lockWait); err != nil {
			return fmt.Errorf("bring the schema up to version %d: %w", target, err)
		}
	}
	return nil
}

// openForMigrations connects with so much time to wait for a lock, 0 for as long as it takes. Other timeouts are off: what takes
// hours may take hours.
func openForMigrations(url string, lockTimeout time.Duration) (*sql.DB, error) {
	config, err := parse(url, patientConnectTimeout, false)
	if err != nil {
		return nil, fmt.Errorf("for migrations: %w", err)
	}
	for name, value := range (Options{LockTimeout: lockTimeout}).serverTimeouts() {
		sendSetting(&config.ConnConfig.Config, name, value)
	}
	db := stdlib.OpenDB(*config.ConnConfig, stdlib.OptionBeforeConnect(config.BeforeConnect))
	db.SetMaxOpenConns(3) // goose's own, its lock's, and the lock's heartbeat
	return db, nil
}

// newProvider makes a goose that keeps others out by a row in a table: unlike an advisory lock, which belongs to a session, it
// cannot be left behind in a pool. The lock of a process that died is free after 30 seconds.
func newProvider(db *sql.DB) (*goose.Provider, error) {
	locker, err := lock.NewPostgresTableLocker(
		lock.WithTableLockTimeout(time.Second, 600), // tried every second, for ten minutes
		lock.WithTableUnlockTimeout(time.Second, 30),
		lock.WithTableLogger(slog.New(slog.DiscardHandler)), // what matters is returned
	)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, migrations.Postgres(),
		goose.WithLocker(locker), goose.WithDisableGlobalRegistry(true))
}

// knownVersion returns the version of this program's schema.
func knownVersion() (version int64, err error) {
	steps, err := migrationSteps(math.MaxInt64)
	if err != nil || len(steps) == 0 {
		return 0, errors.Join(err, errors.New("there are no migrations"))
	}
	return steps[len(steps)-1].version, nil
}

// checkOwnTables refuses a database that holds tables of our names but was not made by our migrations, and returns the version
// of its schema. It looks at the tables first, so that those made by another process meanwhile are not taken for somebody
// else's.
func checkOwnTables(ctx context.Context, db *sql.DB) (version int64, err error) {
	known, err := knownVersion()
	if err != nil {
		return 0, err
	}
	var found int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n
		ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relname = ANY (string_to_array($1, ','))`,
		strings.Join(migrations.TableNames(), ",")).Scan(&found); err != nil {
		return 0, err
	}
	var readOnly bool
	if err := db.QueryRowContext(ctx, versionQuery).Scan(&version, &readOnly); err != nil && sqlState(err) != undefinedTable {
		return 0, err
	}
	switch {
	case version == 0 && found > 0:
		return 0, errors.New("the database holds tables of our names that this program did not make")
	case version >= known && found == 0:
		return 0, fmt.Errorf("the database's %s is another program's", goose.DefaultTablename)
	}
	return version, nil
}
