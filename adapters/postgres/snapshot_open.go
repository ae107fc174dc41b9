package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// OpenSnapshot opens the database at url for reading. It refuses a schema of another version than this program's. No error
// contains a password.
func OpenSnapshot(ctx context.Context, url string) (*Snapshot, error) {
	config, err := copyConfig(url)
	if err != nil {
		return nil, err
	}
	s, err := beginCopy(ctx, config, "ISOLATION LEVEL REPEATABLE READ READ ONLY")
	if err != nil {
		return nil, err
	}
	if err := checkVersion(ctx, s.conn); err != nil {
		return nil, errors.Join(safe(err), s.Close())
	}
	return s, nil
}

// copyConfig returns the configuration with which a copy connects to the database at url, directly or through a pooler.
func copyConfig(url string) (*pgx.ConnConfig, error) {
	config, err := parse(url, adminConnectTimeout, true)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe // works through a pooler
	return config.ConnConfig, nil
}

// beginCopy connects and begins a transaction. The transaction may take any time, but it waits for a lock at most for 10
// seconds, because the service may hold it. The settings are part of the transaction, because a pooler refuses them when
// connecting.
func beginCopy(ctx context.Context, config *pgx.ConnConfig, mode string) (*Snapshot, error) {
	utc := func(_ context.Context, conn *pgx.Conn) error { scanUTC(conn); return nil }
	s := &Snapshot{db: stdlib.OpenDB(*config, stdlib.OptionAfterConnect(utc))}
	err := s.begin(ctx, "BEGIN "+mode+"; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; "+
		"SET LOCAL lock_timeout = '10s'; SET LOCAL synchronous_commit = "+synchronousCommit)
	if err != nil {
		return nil, errors.Join(safe(err), s.Close())
	}
	return s, nil
}

const howToMigrate = "run the migrations first"

// lastIDQuery selects the last id that a table has generated.
func lastIDQuery(table string) string {
	return "SELECT last_value - (NOT is_called)::int FROM " + sequenceOf(table)
}

// sequenceOf returns the SQL identifier of the sequence that generates the ids of a table.
func sequenceOf(table string) string { return quoted(table + "_id_seq") }
