package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3/database"

	"example.com/postern/sql/migrations"
)

// Snapshot reads whole tables of a database as they were at one moment. It writes nothing, and other connections continue
// to write. If no service has the file open, SQLite leaves an empty -wal and a -shm file beside it, which do no harm.
type Snapshot struct {
	path string
	db   *sql.DB
	conn *sql.Conn // in a transaction
}

// OpenSnapshot opens the database file at path for reading. It refuses a schema of another version than this program's.
func OpenSnapshot(ctx context.Context, path string) (*Snapshot, error) {
	path, err := existingFile(path)
	if err != nil {
		return nil, pathless(err)
	}
	s := &Snapshot{path: path}
	if s.db, err = sql.Open("sqlite", readDSN(path)); err != nil {
		return nil, err
	}
	if err := s.begin(ctx, "BEGIN"); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := checkVersion(ctx, s.conn); err != nil { // the first read, which fixes the moment
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Snapshot) begin(ctx context.Context, statement string) (err error) {
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return err
	}
	_, err = s.conn.ExecContext(ctx, statement)
	return err
}

// existingFile returns the absolute path of a regular file, without symbolic links.
func existingFile(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	path, err = filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("the file does not exist")
	} else if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a regular file")
	}
	return path, err
}

// readDSN is [dsn] for a connection that cannot write.
func readDSN(path string) string {
	query := []string{
		"mode=ro", "_busy_timeout=5000", "_time_integer_format=unix_micro", "_inttotime=1", "_dqs=0", "_defensive=1",
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: strings.Join(query, "&")}).String()
}

// checkVersion refuses a schema of another version than this program's: a copy would lose what this program does not know.
func checkVersion(ctx context.Context, db database.DBTxConn) error {
	_, versions, err := countTables(ctx, db)
	if err != nil {
		return err
	}
	if versions == 0 {
		return errors.New("this program did not make it")
	}
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return err
	}
	switch {
	case version < latestVersion:
		return fmt.Errorf("its schema has version %d, and this program's is %d: serve it once with this program, which migrates it",
			version, latestVersion)
	case version > latestVersion:
		return fmt.Errorf("its schema has version %d, and this program's is %d: run a newer program", version, latestVersion)
	}
	return nil
}

// Identity returns a text that identifies the file.
func (s *Snapshot) Identity() string { return "file " + s.path }

// Count returns the number of rows in a table.
func (s *Snapshot) Count(ctx context.Context, table string) (n int64, err error) {
	err = s.conn.QueryRowContext(ctx, "SELECT count(*) FROM "+quoted(table)).Scan(&n)
	return n, err
}

// LastID returns the highest id that the table has ever generated, or 0.
func (s *Snapshot) LastID(ctx context.Context, table string) (id int64, err error) {
	err = s.conn.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?", table).Scan(&id)
	return id, err
}

// Rows returns the rows of a table in the order of its key. Each value is an int64, a string, a bool, a UTC time or nil. A
// row is valid until the next one. The iteration ends after an error.
func (s *Snapshot) Rows(ctx context.Context, table migrations.Table) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		query := fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", quoted(table.Columns...), quoted(table.Name), quoted(table.Key...))
		rows, err := s.conn.QueryContext(ctx, query)
		if err != nil {
			yield(nil, err)
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
			yield(nil, err)
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
	return errors.Join(err, s.db.Close())
}
