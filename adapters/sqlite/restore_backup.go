package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"

	sqlite3 "modernc.org/sqlite/lib"
)

// prepare creates the new database: it copies and checks the backup, migrates the copy to this program's schema, gives it a
// new epoch, and flushes it to the disk.
func (r *restoration) prepare(ctx context.Context, backup *os.File) error {
	if err := r.discard(); err != nil { // files of a restore that was killed: the lock excludes a running one
		return err
	}
	if err := r.copyBackup(ctx, backup); err != nil {
		return err
	}
	// The file is made durable at the end. It needs no WAL, because nobody else has it open.
	err := withDB(dsn(r.path(r.newName), "_journal_mode=MEMORY", "_synchronous=OFF"), func(db *sql.DB) (err error) {
		db.SetMaxOpenConns(1)
		if r.result.From, err = checkBackup(ctx, db); err != nil {
			return err
		}
		if err := migrate(ctx, db); err != nil {
			return err
		}
		r.result.To = latestVersion
		missing, err := missingParts(ctx, db)
		if err == nil && len(missing) > 0 {
			err = errNotOurs
		}
		if err != nil {
			return err
		}
		return newEpochIn(ctx, db)
	})
	switch primary(err) {
	case sqlite3.SQLITE_NOTADB:
		return errors.New("the backup is not an SQLite database")
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("the backup is damaged: %w", err)
	}
	if err != nil {
		return err
	}
	return flush(r.folder.Open(r.newName))
}

// copyBackup reads the backup without SQLite, which could change it.
func (r *restoration) copyBackup(ctx context.Context, backup *os.File) (err error) {
	info, err := backup.Stat()
	if err != nil {
		return fmt.Errorf("check the backup: %w", safe(err))
	}
	if store, err := r.folder.Lstat(r.name); err == nil && os.SameFile(store, info) {
		return errors.New("the backup is the store itself")
	}
	target, err := createOwned(r.folder, r.newName)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if r.newFile, err = target.Stat(); err != nil {
		return err
	}
	if _, err = io.Copy(target, &contextReader{ctx, backup}); err != nil {
		return fmt.Errorf("copy the backup: %w", safe(err))
	}
	return nil
}

// OpenBackup opens a backup for [Restore]. It refuses a path that is not a regular file, and a file with a WAL.
func OpenBackup(file string) (_ *os.File, err error) {
	// Without O_NONBLOCK, a named pipe would wait for a writer.
	backup, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, errors.New("the backup is a symbolic link: name the file that it refers to")
	} else if err != nil {
		return nil, fmt.Errorf("open the backup: %w", safe(err))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, backup.Close())
		}
	}()
	info, err := backup.Stat()
	if err != nil {
		return nil, fmt.Errorf("check the backup: %w", safe(err))
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("the backup is not a regular file")
	}
	for _, suffix := range []string{"-wal", "-journal"} {
		if side, err := os.Lstat(file + suffix); err == nil && side.Size() > 0 {
			return nil, fmt.Errorf("the backup has a %s file beside it, with writes that are not in the backup: it is a copy of a "+
				"running store, not a backup", suffix)
		}
	}
	return backup, nil
}

// contextReader reads until its context ends.
type contextReader struct {
	ctx  context.Context
	from io.Reader
}

func (r *contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(b)
}

// checkBackup returns the version of the backup's schema. It refuses a backup that this program cannot use.
func checkBackup(ctx context.Context, db *sql.DB) (version int64, err error) {
	var ours int
	// Another program that uses goose has a table goose_db_version too.
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema AS s, pragma_table_info(s.name) AS c WHERE s.type = 'table'
		AND (s.name, c.name) IN (VALUES ('goose_db_version', 'version_id'), ('users', 'email_key'), ('posts', 'owner_id'))`).Scan(&ours)
	if err != nil {
		return 0, err
	}
	if ours != 3 {
		return 0, errNotOurs
	}
	if version, err = schemaVersion(ctx, db); err != nil {
		return 0, err
	}
	if version > latestVersion {
		return 0, fmt.Errorf("the backup's schema has version %d, and this program's is %d: run a newer program", version, latestVersion)
	}
	if err := checkContent(ctx, db); err != nil {
		return 0, fmt.Errorf("the backup is damaged: %w", err)
	}
	return version, nil
}

var errNotOurs = errors.New("the backup is not a store of this program")

// missingParts returns the parts of this program's schema that a database lacks. Additions, such as an operator's index, do not
// matter.
func missingParts(ctx context.Context, db *sql.DB) (missing []string, err error) {
	want, err := ourSchemaNames()
	if err != nil {
		return nil, err
	}
	found, err := schemaNames(ctx, db)
	if err != nil {
		return nil, err
	}
	for _, name := range want {
		if !slices.Contains(found, name) {
			missing = append(missing, strings.TrimSpace(name))
		}
	}
	return missing, nil
}

// ourSchemaNames returns the names of all parts of this program's schema. It migrates an empty database once.
var ourSchemaNames = sync.OnceValues(func() (names []string, err error) {
	ctx := context.Background()
	err = withDB("file::memory:", func(empty *sql.DB) (err error) {
		empty.SetMaxOpenConns(1)
		if err = migrate(ctx, empty); err == nil {
			names, err = schemaNames(ctx, empty)
		}
		return err
	})
	return names, err
})

// schemaNames returns the names of all parts of a schema, and of the columns of each table.
func schemaNames(ctx context.Context, db *sql.DB) ([]string, error) {
	return readTexts(ctx, db, `SELECT s.type || ' ' || s.name || ' ' || coalesce(c.name, '')
		FROM sqlite_schema AS s LEFT JOIN pragma_table_xinfo(s.name) AS c ON s.type IN ('table', 'view')
		WHERE s.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY s.type, s.name, c.cid`)
}

// createOwned creates a file of mode 0600 in a folder. If root creates it, the owner of the folder gets it. It follows no
// links and opens no existing file.
func createOwned(folder *os.Root, name string) (*os.File, error) {
	file, err := folder.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil || os.Geteuid() != 0 {
		return file, err
	}
	owner, err := folder.Stat(".")
	if err == nil {
		stat := owner.Sys().(*syscall.Stat_t)
		err = file.Chown(int(stat.Uid), int(stat.Gid))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close(), folder.Remove(name))
	}
	return file, nil
}
