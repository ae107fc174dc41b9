// Code generated from adapters/postgres/snapshot.go by make generate. DO NOT EDIT.

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"github.com/pressly/goose/v3/database"

	"example.com/postern/sql/migrations"
)

// Snapshot reads whole tables of a database as they were at one moment. It writes nothing, and other connections continue
// to write. If the context of a method ends, the snapshot ends too.
type Snapshot struct {
	db   *sql.DB
	conn *sql.Conn // in a transaction
}

// begin begins the transaction. The caller must call Close, even after an error.
func (s *Snapshot) begin(ctx context.Context, statement string) (err error) {
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return err
	}
	_, err = s.conn.ExecContext(ctx, statement)
	return err
}

// checkVersion refuses a schema of another version than this program's: a copy would lose what this program does not know.
func checkVersion(ctx context.Context, db database.DBTxConn) error {
	version, err := schemaVersion(ctx, db)
	switch {
	case err != nil:
		return err
	case version == 0:
		return errors.New("this program did not make its tables")
	case version < latestVersion:
		return fmt.Errorf("its schema has version %d, and this program's is %d: %s", version, latestVersion, howToMigrate)
	case version > latestVersion:
		return fmt.Errorf("its schema has version %d, and this program's is %d: run a newer program", version, latestVersion)
	}
	return nil
}

// LastID returns the highest id that the table has ever generated, or 0. It may be newer than the snapshot.
func (s *Snapshot) LastID(ctx context.Context, table string) (id int64, err error) {
	err = s.conn.QueryRowContext(ctx, lastIDQuery(table)).Scan(&id)
	return id, safe(err)
}

// Rows returns the rows of a table in the order of its key. Each value is an int64, a string, a bool, a UTC time or nil. A
// row is valid until the next one. The iteration ends after an error.
func (s *Snapshot) Rows(ctx context.Context, table migrations.Table) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		query := fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", quoted(table.Columns...), quoted(table.Name), quoted(table.Key...))
		rows, err := s.conn.QueryContext(ctx, query)
		if err != nil {
			yield(nil, safe(err))
			return
		}
		defer func() { _ = rows.Close() }()
		types, err := rows.ColumnTypes()
		row, targets := make([]any, len(types)), make([]any, len(types))
		for i := range row {
			targets[i] = &row[i]
		}
		for err == nil && rows.Next() {
			if err = rows.Scan(targets...); err == nil && !yield(withBools(row, types), nil) {
				return
			}
		}
		if err = errors.Join(err, rows.Err()); err != nil {
			yield(nil, safe(err))
		}
	}
}

// withBools converts the values of BOOLEAN columns, which SQLite stores as integers.
func withBools(row []any, types []*sql.ColumnType) []any {
	for i, t := range types {
		if n, isInt := row[i].(int64); isInt && t.DatabaseTypeName() == "BOOLEAN" {
			row[i] = n != 0
		}
	}
	return row
}

// Close ends the snapshot.
func (s *Snapshot) Close() (err error) {
	if s.conn != nil {
		err = s.conn.Close()
	}
	if errors.Is(err, sql.ErrConnDone) {
		err = nil // the connection was lost
	}
	return errors.Join(err, s.db.Close())
}
