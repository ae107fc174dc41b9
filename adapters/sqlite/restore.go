package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

// Restored is the result of a restore.
type Restored struct {
	Kept     string // the name of the file, in the folder, that contains the previous store, or "" if there was none
	Readable bool   // the previous store could be read; if not, its side files are kept beside Kept
	From, To int64  // the versions of the backup's schema and of the new store's
}

// ErrInUse is returned by [Restore] while another process has the database open.
var ErrInUse = errors.New("the store is in use")

// Restore replaces the database at path with a copy of a backup, which [OpenBackup] opened. The new store has a new epoch and
// this program's schema. The folder of path must exist. Restore keeps the previous database in the folder under another name.
// It refuses a backup that is damaged, not a store of this program, or newer than this program. It returns [ErrInUse] while
// another process has the database open.
//
// At any moment, even after a crash, path is the complete old store or the complete new one. Restore only reads the backup,
// and follows no symbolic links in the folder. As root it gives the files that it creates to the owner of the folder.
func Restore(ctx context.Context, path string, backup *os.File, now time.Time) (_ Restored, err error) {
	r, err := newRestoration(path, now)
	if err != nil {
		return Restored{}, err
	}
	defer func() { err = errors.Join(err, r.folder.Close()) }()
	if err := r.createLockFile(); err != nil {
		return Restored{}, err
	}
	// Nobody can open the database for writing until unlock.
	unlock, err := lockSchema(ctx, r.path(r.name))
	if err != nil {
		return Restored{}, fmt.Errorf("wait for other processes to open the store: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := r.checkpointOld(ctx); err != nil {
		return Restored{}, err
	}
	if err := r.prepare(ctx, backup); err != nil {
		return Restored{}, errors.Join(err, r.discard())
	}
	for _, step := range r.steps() {
		if err := step(); err != nil {
			return Restored{}, errors.Join(err, r.discard())
		}
	}
	return r.result, nil
}

// restoration is a running restore. Names are relative to folder, which remains the same folder even if it is renamed. Only
// SQLite needs paths.
type restoration struct {
	folder   *os.Root
	name     string // of the database
	newName  string // of the new database until it replaces the old one
	keptName string // of the old database after that

	newFile fs.FileInfo
	hasOld  bool // there is an old database
	result  Restored
}

func newRestoration(path string, now time.Time) (*restoration, error) {
	var root *os.Root
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err == nil {
		root, err = os.OpenRoot(folder)
	}
	if err != nil {
		return nil, fmt.Errorf("open the folder: %w", safe(err))
	}
	name := filepath.Base(path)
	return &restoration{
		folder: root, name: name, newName: name + ".restoring",
		keptName: name + ".before-restore-" + now.UTC().Format("20060102T150405.000000Z"),
	}, nil
}

func (r *restoration) path(name string) string { return filepath.Join(r.folder.Name(), name) }

// createLockFile creates the file of lockSchema for the owner of the folder, if it is missing.
func (r *restoration) createLockFile() error {
	file, err := createOwned(r.folder, r.name+".lock")
	if errors.Is(err, fs.ErrExist) {
		return r.requireRegular(r.name + ".lock")
	} else if err != nil {
		return err
	}
	return file.Close()
}

func (r *restoration) requireRegular(name string) error {
	info, err := r.folder.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", name)
	}
	return err
}

// checkpointOld writes the WAL of the old store into its database file, so that the file alone is complete. It refuses a
// store that is in use: in WAL mode every open connection prevents an exclusive lock. It does not change a file that SQLite
// cannot read.
func (r *restoration) checkpointOld(ctx context.Context) error {
	switch err := r.requireRegular(r.name); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	r.hasOld = true
	if isDatabase, err := r.isDatabase(); err != nil || !isDatabase {
		return err
	}
	err := withDB(dsn(r.path(r.name), "_busy_timeout=1000"), func(db *sql.DB) error {
		db.SetMaxOpenConns(1)
		for _, statement := range []string{"PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE", "COMMIT"} {
			if _, err := db.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		var busy, frames, moved int
		err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
		if err == nil && busy != 0 {
			return ErrInUse
		}
		return err
	})
	switch primary(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrInUse
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return nil
	}
	if err != nil {
		return fmt.Errorf("check whether the store is in use: %w", err)
	}
	r.result.Readable = true
	return nil
}

// isDatabase reports whether the old file is an SQLite database. SQLite would remove the WAL of a file that is not one, so
// isDatabase reads the file itself. It returns [ErrInUse] if another process has an SQLite lock on the file
// (https://www.sqlite.org/lockingv3.html).
func (r *restoration) isDatabase() (_ bool, err error) {
	file, err := r.folder.OpenFile(r.name, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	header := make([]byte, len(magic))
	if _, err := io.ReadFull(file, header); err == nil && string(header) == magic {
		return true, nil
	} else if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	const sharedLocks, sharedLocksSize = 0x40000002, 510
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: sharedLocks, Len: sharedLocksSize}
	if err := syscall.FcntlFlock(file.Fd(), syscall.F_GETLK, &lock); err != nil {
		return false, err
	}
	if lock.Type != syscall.F_UNLCK {
		return false, ErrInUse
	}
	return false, nil
}

// magic is the beginning of every SQLite database file.
const magic = "SQLite format 3\x00"

// steps returns the steps that put the new database in place. A crash between two of them leaves the complete old or new
// store, because a single rename replaces one with the other. Only an old database that cannot be read has side files,
// which must be moved before that.
func (r *restoration) steps() []func() error {
	steps := []func() error{r.keepOld}
	for _, suffix := range sideFiles {
		steps = append(steps, func() error { return r.moveAside(suffix) })
	}
	return append(steps, r.syncFolder, r.replace, r.syncFolder)
}

// keepOld gives the old database its second name. It still has the first one.
func (r *restoration) keepOld() error {
	if !r.hasOld {
		return nil
	}
	r.result.Kept = r.keptName
	return r.folder.Link(r.name, r.keptName)
}

// moveAside moves a side file away, which SQLite would apply to the new database. It removes the -shm file if the old
// database is complete without a WAL.
func (r *restoration) moveAside(suffix string) (err error) {
	if r.result.Readable && suffix == "-shm" {
		err = r.folder.Remove(r.name + suffix)
	} else {
		err = r.folder.Rename(r.name+suffix, r.keptName+suffix)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (r *restoration) replace() error {
	if file, err := r.folder.Lstat(r.newName); err != nil || !os.SameFile(file, r.newFile) {
		return errors.Join(fmt.Errorf("another process replaced %s", r.newName), err)
	}
	return r.folder.Rename(r.newName, r.name)
}

func (r *restoration) syncFolder() error { return flush(r.folder.Open(".")) }

// discard removes the files of the new database, unless it is in place.
func (r *restoration) discard() error { return removeDatabase(r.folder.Remove, r.newName) }

// newEpochIn is [Store.NewEpoch] for a database that no other connection has open.
func newEpochIn(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := startEpoch(ctx, litedb.New(tx), domain.Epoch{ID: domain.NewEpochID()}, true); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
