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

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"example.com/postern/sql/migrations"
)

// Snapshot is what a database holds at one moment, for copying it. Its connection cannot write: neither the schema nor a row
// changes, whoever serves the file meanwhile goes on, and what they write is not seen. Where nobody does, SQLite leaves an
// empty -wal and its -shm beside the file, which the next start takes over.
type Snapshot struct {
	path string
	db   *sql.DB
	tx   *sql.Tx
}

// OpenSnapshot opens the database in the file at path. It refuses one whose schema is not of this program's version. When ctx
// ends so does the snapshot.
func OpenSnapshot(ctx context.Context, path string) (_ *Snapshot, err error) {
	path, err = existingFile(path)
	if err != nil {
		return nil, pathless(err)
	}
	db, err := sql.Open("sqlite", readDSN(path))
	if err != nil {
		return nil, err
	}
	s := &Snapshot{path: path, db: db}
	if s.tx, err = db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}); err == nil {
		err = checkVersion(ctx, s.tx) // the first read, which fixes the moment
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// existingFile returns the absolute path, without symbolic links, of a regular file.
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

// readDSN is dsn for a connection that cannot write.
func readDSN(path string) string {
	query := []string{
		"mode=ro", "_busy_timeout=5000", "_time_integer_format=unix_micro", "_inttotime=1", "_dqs=0", "_defensive=1",
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: strings.Join(query, "&")}).String()
}

// checkVersion refuses a database whose schema is not exactly what this program's migrations make: what it does not know it
// would leave behind.
func checkVersion(ctx context.Context, db database.DBTxConn) error {
	var ours bool
	err := db.QueryRowContext(ctx, "SELECT count(*) > 0 FROM sqlite_schema WHERE name = ?", goose.DefaultTablename).Scan(&ours)
	if err != nil {
		return err
	}
	if !ours {
		return errors.New("this program did not make it")
	}
	versions, err := database.NewStore(database.DialectSQLite3, goose.DefaultTablename)
	if err != nil {
		return err
	}
	version, err := versions.GetLatestVersion(ctx, db)
	if err != nil {
		return err
	}
	known, err := knownVersion()
	switch {
	case err != nil:
		return err
	case version < known:
		return fmt.Errorf("its schema has version %d, and this program's is %d: serve it once with this program, which brings it up",
			version, known)
	case version > known:
		return fmt.Errorf("its schema has version %d, and this program's is %d: run a newer program", version, known)
	}
	return nil
}

// knownVersion returns the version of the schema that this program makes.
func knownVersion() (int64, error) {
	names, err := fs.Glob(migrations.SQLite(), "*.sql")
	if err != nil {
		return 0, err
	}
	return goose.NumericComponent(names[len(names)-1])
}

// Identity tells which database this is: no other has the same.
func (s *Snapshot) Identity() string { return "file " + s.path }

// Count returns how many rows a table has.
func (s *Snapshot) Count(ctx context.Context, table string) (n int64, err error) {
	err = s.tx.QueryRowContext(ctx, "SELECT count(*) FROM "+quoted(table)).Scan(&n)
	return n, err
}

// HighWater returns the highest id that the table ever gave out, or 0.
func (s *Snapshot) HighWater(ctx context.Context, table string) (int64, error) {
	return highWater(ctx, s.tx, table)
}

// Rows returns the columns of a table's rows in the order of key: each value an int64, a string, a bool, a UTC time in
// microseconds, or nil. A row is good until the next one; after an error there is none.
func (s *Snapshot) Rows(ctx context.Context, table string, columns, key []string) iter.Seq2[[]any, error] {
	return rows(ctx, s.tx, table, columns, key)
}

// Close ends the snapshot.
func (s *Snapshot) Close() error {
	var err error
	if s.tx != nil {
		if err = s.tx.Rollback(); errors.Is(err, sql.ErrTxDone) {
			err = nil // its context had ended
		}
	}
	return errors.Join(err, s.db.Close())
}

func highWater(ctx context.Context, db database.DBTxConn, table string) (mark int64, err error) {
	err = db.QueryRowContext(ctx, "SELECT seq FROM sqlite_sequence WHERE name = ?", table).Scan(&mark)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return mark, err
}

func rows(ctx context.Context, db database.DBTxConn, table string, columns, key []string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		query := fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", quoted(columns...), quoted(table), quoted(key...))
		result, err := db.QueryContext(ctx, query)
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { _ = result.Close() }()
		row, err := newRow(result)
		for err == nil && result.Next() {
			if err = row.scan(result); err == nil && !yield(row.values, nil) {
				return
			}
		}
		if err = errors.Join(err, result.Err()); err != nil {
			yield(nil, err)
		}
	}
}

// row is where one row after the other is scanned to.
type row struct {
	values  []any
	targets []any
	flag    []bool // whether the column is declared BOOLEAN, which SQLite keeps as an integer
}

func newRow(result *sql.Rows) (*row, error) {
	types, err := result.ColumnTypes()
	if err != nil {
		return nil, err
	}
	r := &row{make([]any, len(types)), make([]any, len(types)), make([]bool, len(types))}
	for i, t := range types {
		r.targets[i] = &r.values[i]
		r.flag[i] = t.DatabaseTypeName() == "BOOLEAN"
	}
	return r, nil
}

func (r *row) scan(result *sql.Rows) error {
	if err := result.Scan(r.targets...); err != nil {
		return err
	}
	for i, isFlag := range r.flag {
		if n, isInt := r.values[i].(int64); isFlag && isInt {
			r.values[i] = n != 0
		}
	}
	return nil
}

// quoted returns identifiers as SQL, separated by commas.
func quoted(names ...string) string {
	return `"` + strings.Join(names, `", "`) + `"`
}
