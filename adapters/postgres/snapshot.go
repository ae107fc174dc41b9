package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"example.com/postern/sql/migrations"
)

// Snapshot reads whole tables of a database as they were at one moment. It writes nothing and waits for no other
// transaction.
type Snapshot struct {
	conn     *pgx.Conn // in a transaction
	identity string
}

// OpenSnapshot opens the database at url for reading. It refuses a schema of another version than this program's. If the
// context of a method ends, the snapshot ends too. No error contains a password.
func OpenSnapshot(ctx context.Context, url string) (*Snapshot, error) {
	config, err := copyConfig(url)
	if err != nil {
		return nil, err
	}
	s, err := beginCopy(ctx, config, "ISOLATION LEVEL REPEATABLE READ READ ONLY")
	if err != nil {
		return nil, err
	}
	if err := s.checkVersion(ctx); err != nil {
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
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, safe(err)
	}
	scanUTC(conn)
	s := &Snapshot{conn: conn}
	_, err = conn.Exec(ctx, "BEGIN "+mode+"; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; "+
		"SET LOCAL lock_timeout = '10s'; SET LOCAL synchronous_commit = "+synchronousCommit)
	if err == nil {
		err = conn.QueryRow(ctx, identityQuery).Scan(&s.identity)
	}
	if err != nil {
		return nil, errors.Join(safe(err), s.Close())
	}
	return s, nil
}

// identityQuery runs with the rights of an ordinary role.
const identityQuery = `SELECT concat_ws(' ', 'server', extract(epoch FROM pg_postmaster_start_time()), 'database', oid,
	'schema', current_schema()) FROM pg_catalog.pg_database WHERE datname = current_database()`

// checkVersion refuses a schema of another version than this program's: a copy would lose what this program does not know.
func (s *Snapshot) checkVersion(ctx context.Context) error {
	var version int64
	var readOnly bool
	err := s.conn.QueryRow(ctx, versionQuery).Scan(&version, &readOnly)
	switch {
	case sqlState(err) == undefinedTable:
		return errors.New("this program did not make its tables")
	case err != nil:
		return err
	case version < latestVersion:
		return fmt.Errorf("its schema has version %d, and this program's is %d: run the migrations first", version, latestVersion)
	case version > latestVersion:
		return fmt.Errorf("its schema has version %d, and this program's is %d: run a newer program", version, latestVersion)
	}
	return nil
}

// Identity returns a text that identifies the database and the schema.
func (s *Snapshot) Identity() string { return s.identity }

// Count returns the number of rows in a table.
func (s *Snapshot) Count(ctx context.Context, table string) (n int64, err error) {
	err = s.conn.QueryRow(ctx, "SELECT count(*) FROM "+quoted(table)).Scan(&n)
	return n, safe(err)
}

// LastID returns the highest id that the table has ever generated, or 0. It may be newer than the snapshot.
func (s *Snapshot) LastID(ctx context.Context, table string) (id int64, err error) {
	err = s.conn.QueryRow(ctx, "SELECT last_value - (NOT is_called)::int FROM "+sequenceOf(table)).Scan(&id)
	return id, safe(err)
}

// Rows returns the rows of a table in the order of its key. Each value is an int64, a string, a bool, a UTC time or nil.
// The iteration ends after an error.
func (s *Snapshot) Rows(ctx context.Context, table migrations.Table) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		query := fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", quoted(table.Columns...), quoted(table.Name), quoted(table.Key...))
		rows, _ := s.conn.Query(ctx, query) // rows.Err returns the error too
		defer rows.Close()
		for rows.Next() {
			row, err := rows.Values()
			if !yield(row, safe(err)) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, safe(err))
		}
	}
}

// Close ends the snapshot.
func (s *Snapshot) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return s.conn.Close(ctx)
}

// scanUTC makes the connection return times in UTC instead of local time.
func scanUTC(conn *pgx.Conn) {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
}

// sequenceOf returns the SQL identifier of the sequence that generates the ids of a table.
func sequenceOf(table string) string { return quoted(table + "_id_seq") }
