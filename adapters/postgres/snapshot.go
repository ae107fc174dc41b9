package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// Snapshot is what a database holds at one moment, for copying it. It cannot write, and waits for nobody who does.
type Snapshot struct {
	conn     *pgx.Conn
	identity string
}

// OpenSnapshot opens the database at url. It refuses one whose schema is not of this program's version. No error holds a
// password. When a context ends that a method was called with, so does the snapshot.
func OpenSnapshot(ctx context.Context, url string) (_ *Snapshot, err error) {
	config, err := parse(url, patientConnectTimeout, true)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe // which no pooler minds
	s := &Snapshot{}
	if s.conn, err = pgx.ConnectConfig(ctx, config.ConnConfig); err != nil {
		return nil, plain(err)
	}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(plain(err), s.Close())
	}
	return s, nil
}

func (s *Snapshot) start(ctx context.Context) (err error) {
	scanUTC(s.conn)
	if _, err := s.conn.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
		return err
	}
	if err := unlimited(ctx, s.conn); err != nil {
		return err
	}
	if s.identity, err = identity(ctx, s.conn); err != nil {
		return err
	}
	return s.checkVersion(ctx)
}

// checkVersion refuses a database whose schema is not exactly what this program's migrations make: what it does not know it
// would leave behind.
func (s *Snapshot) checkVersion(ctx context.Context) error {
	known, err := knownVersion()
	if err != nil {
		return err
	}
	var version int64
	var readOnly bool
	err = s.conn.QueryRow(ctx, versionQuery).Scan(&version, &readOnly)
	switch {
	case sqlState(err) == undefinedTable:
		return errors.New("this program did not make its tables")
	case err != nil:
		return err
	case version < known:
		return fmt.Errorf("its schema has version %d, and this program's is %d: make the migrations first", version, known)
	case version > known:
		return fmt.Errorf("its schema has version %d, and this program's is %d: run a newer program", version, known)
	}
	return nil
}

// Identity tells which database and schema this is: no other has the same.
func (s *Snapshot) Identity() string { return s.identity }

// Count returns how many rows a table has.
func (s *Snapshot) Count(ctx context.Context, table string) (n int64, err error) {
	err = s.conn.QueryRow(ctx, "SELECT count(*) FROM "+quoted(table)).Scan(&n)
	return n, err
}

// HighWater returns the highest id that the table ever gave out, or 0. It may be later than the snapshot.
func (s *Snapshot) HighWater(ctx context.Context, table string) (int64, error) {
	return highWater(ctx, s.conn, table)
}

// Rows returns the columns of a table's rows in the order of key: each value an int64, a string, a bool, a UTC time in
// microseconds, or nil. A row is good until the next one; after an error there is none.
func (s *Snapshot) Rows(ctx context.Context, table string, columns, key []string) iter.Seq2[[]any, error] {
	return rows(ctx, s.conn, table, columns, key)
}

// closeTime bounds how long a server may take to say good-bye.
const closeTime = 5 * time.Second

// Close ends the snapshot.
func (s *Snapshot) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	return s.conn.Close(ctx)
}

// scanUTC makes times come as UTC, not as local time.
func scanUTC(conn *pgx.Conn) {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
}

// unlimited lets the transaction take its time, but not wait for locks: whoever holds them may be the service. Startup
// parameters would say the same, and poolers refuse them.
func unlimited(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; "+
		"SET LOCAL lock_timeout = '10s'; SET LOCAL synchronous_commit = "+synchronousCommit)
	return err
}

// identity needs no rights that an ordinary role does not have.
func identity(ctx context.Context, conn *pgx.Conn) (text string, err error) {
	err = conn.QueryRow(ctx, `SELECT concat_ws(' ', 'server', extract(epoch FROM pg_postmaster_start_time()), 'database', oid,
		'schema', current_schema()) FROM pg_catalog.pg_database WHERE datname = current_database()`).Scan(&text)
	return text, err
}

func rows(ctx context.Context, conn *pgx.Conn, table string, columns, key []string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		query := fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", quoted(columns...), quoted(table), quoted(key...))
		result, err := conn.Query(ctx, query)
		if err != nil {
			yield(nil, plain(err))
			return
		}
		defer result.Close()
		for result.Next() {
			row, err := result.Values()
			if !yield(row, plain(err)) || err != nil {
				return
			}
		}
		if err := result.Err(); err != nil {
			yield(nil, plain(err))
		}
	}
}

// sequenceOf returns the identity column of a table, and the sequence that feeds it, as SQL. A table without one has "".
func sequenceOf(ctx context.Context, conn *pgx.Conn, table string) (column, sequence string, err error) {
	err = conn.QueryRow(ctx, `SELECT quote_ident(attname), pg_get_serial_sequence($1::text, attname) FROM pg_catalog.pg_attribute
		WHERE attrelid = to_regclass($1::text) AND attidentity <> ''`, quoted(table)).Scan(&column, &sequence)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", "", nil
	}
	return column, sequence, err
}

func highWater(ctx context.Context, conn *pgx.Conn, table string) (mark int64, err error) {
	_, sequence, err := sequenceOf(ctx, conn, table)
	if err != nil || sequence == "" {
		return 0, err
	}
	err = conn.QueryRow(ctx, "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM "+sequence).Scan(&mark)
	return mark, plain(err)
}

// quoted returns identifiers as SQL, separated by commas.
func quoted(names ...string) string {
	return `"` + strings.Join(names, `", "`) + `"`
}
