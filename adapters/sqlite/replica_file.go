package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"
)

// partialFile is a database file in the making. It has a name of its own beside the final one, which is there whole and
// flushed to the disk, or not at all.
type partialFile struct {
	path    string      // the final name
	file    fs.FileInfo // what name led to when it was made
	folders []string    // that were made for it, the outermost first
}

func (p *partialFile) name() string { return p.path + ".partial" }

// createPartial makes an empty file of mode 0600, and its folder, of mode 0700, if that is missing. It refuses a path where
// anything is. What a killed process left under the partial name it replaces, but not what a living one works on.
func createPartial(ctx context.Context, path string) (_ *partialFile, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	p := &partialFile{path: path}
	if err := p.refuseTaken(); err != nil {
		return nil, err
	}
	if p.folders, err = makeFolders(filepath.Dir(path)); err != nil {
		return nil, errors.Join(err, p.discard())
	}
	if err := p.create(); errors.Is(err, fs.ErrExist) {
		if err = removeStale(ctx, p.name()); err == nil {
			err = p.create()
		}
		if err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, errors.Join(err, p.discard())
	}
	return p, nil
}

// sideFiles are what SQLite appends to a database's name for the files that belong to it.
var sideFiles = []string{"-wal", "-shm", "-journal"}

// refuseTaken refuses also what SQLite would take for a part of the new database.
func (p *partialFile) refuseTaken() error {
	for _, suffix := range append([]string{""}, sideFiles...) {
		if _, err := os.Lstat(p.path + suffix); err == nil {
			return errors.New(strings.TrimSuffix("the file "+suffix, " ") + " is there already: nothing is ever overwritten")
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (p *partialFile) create() error {
	file, err := os.OpenFile(p.name(), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	p.file, err = file.Stat()
	return errors.Join(err, file.Close())
}

// removeStale removes a partial file, unless somebody has it open as a database.
func removeStale(ctx context.Context, name string) error {
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: name, RawQuery: "mode=rw&_busy_timeout=0"}).String())
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "BEGIN EXCLUSIVE")
	if closeErr := db.Close(); closeErr != nil {
		return closeErr
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	// Every other failure only says how broken it is.
	if primary(err) == sqlite3.SQLITE_BUSY {
		return errors.New("the file is being written by another process")
	}
	return removeDatabase(name)
}

// removeDatabase removes a database file that nobody has open, after what else belongs to it: SQLite would take that for a part
// of the next file of the name.
func removeDatabase(name string) (err error) {
	for _, suffix := range append(slices.Clone(sideFiles), "") {
		if removeErr := os.Remove(name + suffix); !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
		}
	}
	return err
}

// isOurs tells whether the partial name still leads to the file that was made: two processes may have taken the same file
// for stale.
func (p *partialFile) isOurs() bool {
	file, err := os.Lstat(p.name())
	return err == nil && p.file != nil && os.SameFile(file, p.file)
}

var errReplaced = errors.New("the file in the making was replaced by another process")

// publish gives the file its final name, unless something has it by now. It must be closed.
func (p *partialFile) publish() error {
	if err := syncPath(p.name()); err != nil {
		return err
	}
	if !p.isOurs() {
		return errReplaced
	}
	// Unlike a rename, a link never replaces what is there.
	if err := os.Link(p.name(), p.path); err != nil {
		return err
	}
	if err := errors.Join(os.Remove(p.name()), p.syncFolders()); err != nil {
		return errors.Join(err, os.Remove(p.path))
	}
	return nil
}

// syncFolders flushes the names of the file and of the folders that were made for it.
func (p *partialFile) syncFolders() (err error) {
	for _, folder := range p.folders {
		err = errors.Join(err, syncPath(filepath.Dir(folder)))
	}
	return errors.Join(err, syncPath(filepath.Dir(p.path)))
}

// discard removes the file and the folders that were made for it. It must be closed.
func (p *partialFile) discard() (err error) {
	if p.isOurs() {
		err = removeDatabase(p.name())
	}
	for _, folder := range slices.Backward(p.folders) {
		_ = os.Remove(folder) // not if something else is in it by now
	}
	return err
}

// makeFolders makes a folder and what is missing above it, and returns what it made.
func makeFolders(folder string) (made []string, err error) {
	err = os.Mkdir(folder, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if made, err = makeFolders(filepath.Dir(folder)); err == nil {
			err = os.Mkdir(folder, 0o700)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return made, nil
	} else if err != nil {
		return made, err
	}
	return append(made, folder), nil
}

// syncPath flushes a file, or the names in a folder, to the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
