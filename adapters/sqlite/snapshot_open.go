package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// OpenSnapshot opens the database file at path for reading. It refuses a schema of another version than this program's. If
// no service has the file open, SQLite leaves an empty -wal and a -shm file beside it, which do no harm.
func OpenSnapshot(ctx context.Context, path string) (*Snapshot, error) {
	path, err := existingFile(path)
	if err != nil {
		return nil, safe(err)
	}
	db, err := sql.Open("sqlite", readDSN(path))
	if err != nil {
		return nil, err
	}
	s := &Snapshot{db: db}
	if err = s.begin(ctx, "BEGIN"); err == nil {
		err = checkVersion(ctx, s.conn) // the first read, which fixes the moment
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
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

const howToMigrate = "serve it once with this program, which migrates it"

// lastIDQuery selects the last id that a table has generated.
func lastIDQuery(table string) string {
	return "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = '" + table + "'"
}
