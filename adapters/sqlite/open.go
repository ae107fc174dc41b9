package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/sql/migrations"
)

// Options configures a store. The zero value is the safe choice.
type Options struct {
	// Synchronous is how durable a commit is (https://www.sqlite.org/pragma.html#pragma_synchronous). With "FULL", the
	// default, every acknowledged write survives a loss of power. With "NORMAL" it survives only a crash of the process.
	Synchronous string

	// Committed is called with the number of writes that shared a commit. It must not block. It may be nil.
	Committed func(writes int)
}

// limits are the limits of concurrency and waiting.
type limits struct {
	readers      int           // reading connections
	queueSize    int           // writes in the writer's queue
	groupSize    int           // writes in one commit
	groupTime    time.Duration // how long a group accepts more writes
	queueTimeout time.Duration // how long a call waits for its turn
	txTimeout    time.Duration // how long a write or a transaction may take
	logGrowth    int64         // how many bytes the write-ahead log may grow by during a ReadTx
	logInterval  time.Duration // how often a ReadTx looks at the log
}

func defaultLimits() limits {
	return limits{
		readers: max(4, 2*runtime.GOMAXPROCS(0)), queueSize: 1024,
		groupSize: 256, groupTime: 20 * time.Millisecond,
		queueTimeout: 10 * time.Second, txTimeout: 5 * time.Second,
		logGrowth: 256 << 20, logInterval: time.Second,
	}
}

// Open opens the database at path and migrates its schema. It creates a missing file with mode 0600, and a missing
// directory with mode 0700. Several processes may open the same path at the same time. Open refuses a file that is not
// an SQLite database, a database of another program, and a newer schema. ctx applies only to Open itself.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	return open(ctx, path, o, defaultLimits())
}

func open(ctx context.Context, path string, o Options, l limits) (_ *Store, err error) {
	if o.Synchronous == "" {
		o.Synchronous = "FULL"
	}
	if o.Synchronous != "FULL" && o.Synchronous != "NORMAL" {
		return nil, errors.New("sqlite: synchronous must be FULL or NORMAL")
	}
	if o.Committed == nil {
		o.Committed = func(int) {}
	}
	if path, err = prepareFile(path); err != nil {
		return nil, fmt.Errorf("sqlite: prepare the database file: %w", safe(err))
	}
	s := &Store{path: path, limits: l, slots: make(chan struct{}, l.readers), closed: make(chan struct{})}
	if err := s.start(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open the database: %w", safe(err)), s.Close())
	}
	return s, nil
}

// start opens the connections and migrates the schema. Meanwhile it holds a lock that excludes other processes.
func (s *Store) start(ctx context.Context, o Options) (err error) {
	unlock, err := lockSchema(ctx, s.path)
	if err != nil {
		return fmt.Errorf("wait for other processes to open it: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if s.file, err = os.Stat(s.path); err != nil {
		return err
	}
	if s.writeDB, err = sql.Open("sqlite", dsn(s.path, "_journal_mode=WAL", "_synchronous="+o.Synchronous)); err != nil {
		return err
	}
	s.writeDB.SetMaxOpenConns(1)
	if err := checkFile(ctx, s.writeDB); err != nil {
		return err
	}
	if err := setTempFolder(ctx, s.writeDB, filepath.Dir(s.path)); err != nil {
		return err
	}
	if err = migrateStore(ctx, s.writeDB, o.Synchronous); err != nil {
		return err
	}
	if s.readDB, err = s.openForReading(o, s.limits.readers); err != nil {
		return err
	}
	if s.watchDB, err = s.openForReading(o, 1); err != nil {
		return err
	}
	if s.longDB, err = s.openForReading(o, 0, "_pragma=cache_size(-256)"); err != nil {
		return err
	}
	s.reads = &statements{DBTX: s.readDB}
	s.queries = litedb.New(s.reads)
	if err := checkColumns(ctx, s.readDB); err != nil {
		return err
	}
	if err := checkTables(ctx, s); err != nil {
		return err
	}
	s.writer, err = newWriter(ctx, s.writeDB, s.limits, s.checkFile, o.Committed)
	return err
}

// checkColumns returns an error if a table or a column is missing. Statements are prepared when they are first used, so without
// this check the service would start and then fail.
func checkColumns(ctx context.Context, db *sql.DB) error {
	queries := []string{"SELECT indexed_version FROM posts LIMIT 0"} // it is not copied, so the list of columns leaves it out
	for _, name := range migrations.TableNames() {
		queries = append(queries, "SELECT 1 FROM "+name+" LIMIT 0")
	}
	for _, table := range migrations.Tables {
		queries = append(queries, "SELECT "+strings.Join(table.Columns, ", ")+" FROM "+table.Name+" LIMIT 0")
	}
	for _, query := range queries {
		if _, err := db.ExecContext(ctx, query); err != nil {
			return fmt.Errorf("read the tables: %w", err)
		}
	}
	return nil
}

// openForReading returns a pool of connections. 0 conns means that there is no limit, and that none is kept.
func (s *Store) openForReading(o Options, conns int, params ...string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(s.path, append(params, "_query_only=on", "_synchronous="+o.Synchronous)...))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// dsn returns the data source name of a file that exists, with the settings of every connection. params come first, and
// override them.
func dsn(path string, params ...string) string { return dataSource(path, append(params, "mode=rw")) }

// readDSN is [dsn] for a connection that cannot write.
func readDSN(path string) string { return dataSource(path, []string{"mode=ro"}) }

func dataSource(path string, params []string) string {
	query := append(params,
		"_busy_timeout=5000", "_foreign_keys=on", "_txlock=immediate",
		"_time_integer_format=unix_micro", "_inttotime=1", // times are integers in the database, and in UTC
		"_dqs=0", "_defensive=1", // a misspelt column is an error, not a string, and no SQL can corrupt the file
	)
	return (&url.URL{Scheme: "file", Path: path, RawQuery: strings.Join(query, "&")}).String()
}

// prepareFile creates the file if it is missing, and removes the rights of other users before SQLite opens it. It returns
// the absolute path without symbolic links. SQLite gives the -wal and -shm files the same mode.
func prepareFile(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = file.Close()
	} else if errors.Is(err, os.ErrExist) {
		err = nil
	}
	if err != nil {
		return "", err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	name := filepath.Base(path)
	return path, restrict(filepath.Dir(path), name, name+"-wal", name+"-shm")
}

// restrict removes the rights of group and others from the named files in a folder. It ignores missing files and follows no
// symbolic links. As root it refuses a file with a second name (a hard link), which may be another user's file. It must
// not open the files: closing them would release the locks that this process holds on them.
func restrict(folder string, names ...string) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	for _, name := range names {
		info, err := root.Lstat(name)
		if errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return errors.New("it is not a regular file")
		}
		if info.Mode().Perm()&0o077 == 0 {
			continue
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink > 1 && os.Geteuid() == 0 {
			return errors.New("it has a second name (a hard link), and may be another user's file: copy it and remove the link")
		}
		if err := root.Chmod(name, info.Mode().Perm()&0o700); err != nil {
			return err
		}
	}
	return nil
}

// checkFile returns an error unless the file is an SQLite database in WAL mode.
func checkFile(ctx context.Context, db *sql.DB) error {
	var mode string
	err := db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode)
	if primary(err) == sqlite3.SQLITE_NOTADB {
		return errors.New("the file is not an SQLite database")
	} else if err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("its file system does not support WAL: journal mode is %s", mode)
	}
	return nil
}

// setTempFolder makes SQLite create its temporary files in a folder. Beside the database it can always write, even in a
// container with no other writable folder. SQLite removes the name of an open temporary file, so none is left behind. The
// setting applies to the whole process.
func setTempFolder(ctx context.Context, db *sql.DB, folder string) error {
	_, err := db.ExecContext(ctx, "PRAGMA temp_store_directory = '"+strings.ReplaceAll(folder, "'", "''")+"'")
	return err
}
