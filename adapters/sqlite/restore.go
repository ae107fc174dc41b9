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

// Restored reports what a restore did.
type Restored struct {
	Kept     string // the file, in the folder, that holds the store that was there before, or ""
	Readable bool   // whether that store could be read; if not, its side files are kept beside Kept
	From, To int64  // the version of the backup's schema, and of the store's now
}

// ErrInUse says that a process has the database open.
var ErrInUse = errors.New("the store is in use")

// Restore puts a copy of the backup, which [OpenBackup] opened, in the place of the database at path, with a new epoch and this program's schema. The
// folder of path must be there. The backup is only read. The database that was there is kept in the folder under another name.
// The backup is checked first: whether it is sound, a store of this program, and not newer than this program. It returns
// [ErrInUse] while another process has the database open.
//
// Whatever happens, path is the old store or the new one, whole. As root, Restore gives the files that it makes to the owner of
// the folder, and it follows no symbolic link in the folder.
func Restore(ctx context.Context, path string, backup *os.File, now time.Time) (_ Restored, err error) {
	r, err := newRestoration(path, now)
	if err != nil {
		return Restored{}, err
	}
	defer func() { err = errors.Join(err, r.folder.Close()) }()
	if err := r.makeLockFile(); err != nil {
		return Restored{}, err
	}
	// Nobody opens the database for writing until this is undone.
	unlock, err := lockSchema(ctx, r.path(r.name))
	if err != nil {
		return Restored{}, fmt.Errorf("wait for other processes to open the store: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := r.settle(ctx); err != nil {
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

// restoration is a restore under way. Names are relative to folder, which stays the same folder even if its path leads elsewhere
// meanwhile. SQLite alone needs paths.
type restoration struct {
	folder *os.Root
	name   string // of the database
	fresh  string // of the new database until it takes that name
	kept   string // what the old database is kept as

	file   fs.FileInfo // what fresh is
	isOld  bool        // whether there is an old database
	result Restored
}

func newRestoration(path string, now time.Time) (*restoration, error) {
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return nil, withoutPath("open the folder", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, withoutPath("open the folder", err)
	}
	name := filepath.Base(path)
	return &restoration{
		folder: root, name: name, fresh: name + ".restoring",
		kept: name + ".before-restore-" + now.UTC().Format("20060102T150405.000000Z"),
	}, nil
}

func (r *restoration) path(name string) string { return filepath.Join(r.folder.Name(), name) }

// withoutPath returns err without the path that the caller gave, and may not want to see in a log.
func withoutPath(action string, err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return fmt.Errorf("%s: %w", action, err)
}

// makeLockFile makes the file of lockSchema, if it is missing, for the owner of the folder.
func (r *restoration) makeLockFile() error {
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

// settle brings all of the old store into its one file, so that the file alone is whole, and refuses a store that is in use: in
// WAL mode every connection keeps others from having the file for themselves. A file that SQLite cannot read is left as it is.
func (r *restoration) settle(ctx context.Context) error {
	switch err := r.requireRegular(r.name); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	r.isOld = true
	if isDatabase, err := r.lookAtOld(); err != nil || !isDatabase {
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
		return fmt.Errorf("look whether the store is in use: %w", err)
	}
	r.result.Readable = true
	return r.requireNoSideFiles()
}

// lookAtOld reports whether the old file is an SQLite database. Of one that is not, SQLite would remove the WAL, so it does not get
// to see it; whether a process has it open anyway, its locks tell (https://www.sqlite.org/lockingv3.html).
func (r *restoration) lookAtOld() (isDatabase bool, err error) {
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

// magic begins every SQLite database.
const magic = "SQLite format 3\x00"

// requireNoSideFiles makes sure that the file alone is the whole database: SQLite has removed the others, or emptied them.
func (r *restoration) requireNoSideFiles() error {
	for _, suffix := range []string{"-wal", "-journal"} {
		if info, err := r.folder.Lstat(r.name + suffix); err == nil && info.Size() > 0 {
			return fmt.Errorf("%s could not be brought into %s", r.name+suffix, r.name)
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// steps puts the new database in place. A crash between any two of them leaves the old store or the new one, because a single
// rename changes the one for the other. Only an old database that cannot be read has side files to move before that.
func (r *restoration) steps() []func() error {
	steps := []func() error{r.keepOld}
	for _, suffix := range sideFiles {
		steps = append(steps, func() error { return r.moveAside(suffix) })
	}
	return append(steps, r.syncFolder, r.replace, r.syncFolder)
}

// keepOld gives the old database its other name, besides the one that it has.
func (r *restoration) keepOld() error {
	if !r.isOld {
		return nil
	}
	r.result.Kept = r.kept
	return r.folder.Link(r.name, r.kept)
}

// moveAside takes a file away that SQLite would take for a part of the new database. The index of a WAL is removed if the old
// database is whole without a WAL.
func (r *restoration) moveAside(suffix string) (err error) {
	if r.result.Readable && suffix == "-shm" {
		err = r.folder.Remove(r.name + suffix)
	} else {
		err = r.folder.Rename(r.name+suffix, r.kept+suffix)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (r *restoration) replace() error {
	if file, err := r.folder.Lstat(r.fresh); err != nil || !os.SameFile(file, r.file) {
		return errors.Join(fmt.Errorf("%s was replaced by another process", r.fresh), err)
	}
	return r.folder.Rename(r.fresh, r.name)
}

func (r *restoration) syncFolder() error { return syncIn(r.folder, ".") }

// discard removes what was made for the new database. It is gone already if it is in place.
func (r *restoration) discard() (err error) {
	for _, suffix := range append([]string{""}, sideFiles...) {
		if removeErr := r.folder.Remove(r.fresh + suffix); !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
		}
	}
	return err
}

// newEpochIn is [Store.NewEpoch] for a database that nobody else has open.
func newEpochIn(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := beginEpoch(ctx, litedb.New(tx), domain.Epoch{ID: domain.NewEpochID()}); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
