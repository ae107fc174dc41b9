package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"
)

// partialFile is a database file under a temporary name. It gets its final name when it is complete and on the disk.
type partialFile struct {
	path    string      // the final name
	file    fs.FileInfo // the file that was created
	folders []string    // the folders that were created for it, the outermost first
}

func (p *partialFile) name() string { return p.path + ".partial" }

// createPartial creates an empty file of mode 0600 and, if it is missing, its folder of mode 0700. It refuses a path where a
// file exists. It replaces a partial file that a killed process left, but not one that another process has open.
func createPartial(ctx context.Context, path string) (_ *partialFile, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	p := &partialFile{path: path}
	if err := p.refuseTaken(); err != nil {
		return nil, err
	}
	if p.folders, err = makeFolders(filepath.Dir(path)); err == nil {
		err = p.create()
	}
	if errors.Is(err, fs.ErrExist) {
		if err = removeStale(ctx, p.name()); err == nil {
			err = p.create()
		}
	}
	if err != nil {
		return nil, errors.Join(err, p.discard())
	}
	return p, nil
}

// sideFiles are the endings of the files that SQLite keeps beside a database.
var sideFiles = []string{"-wal", "-shm", "-journal"}

// refuseTaken refuses a final name that exists, or that has side files: SQLite would apply them to the new database.
func (p *partialFile) refuseTaken() error {
	for _, suffix := range append([]string{""}, sideFiles...) {
		if _, err := os.Lstat(p.path + suffix); err == nil {
			return errors.New(strings.TrimSuffix("the file "+suffix, " ") + " is there already, and is not overwritten")
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

// removeStale removes a partial file, unless a process has it open as a database.
func removeStale(ctx context.Context, name string) error {
	err := withDB(dsn(name, "_busy_timeout=0"), func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, "BEGIN EXCLUSIVE")
		return err
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if primary(err) == sqlite3.SQLITE_BUSY {
		return errors.New("the file is being written by another process")
	}
	return removeDatabase(os.Remove, name) // any other error only shows that the file is damaged
}

// removeDatabase removes a database file that no process has open. It removes the side files first: SQLite would apply them
// to the next file of that name.
func removeDatabase(remove func(name string) error, name string) (err error) {
	for _, suffix := range append(slices.Clone(sideFiles), "") {
		if removeErr := remove(name + suffix); !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
		}
	}
	return err
}

// isOurs reports whether the partial name still refers to the file that this process created. Another process may have
// taken it for stale and replaced it.
func (p *partialFile) isOurs() bool {
	file, err := os.Lstat(p.name())
	return err == nil && p.file != nil && os.SameFile(file, p.file)
}

var errReplaced = errors.New("another process replaced the partial file")

// publish flushes the file to the disk and gives it its final name, unless another file has that name. The file must be
// closed.
func (p *partialFile) publish() error {
	if err := flush(os.Open(p.name())); err != nil {
		return err
	}
	if !p.isOurs() {
		return errReplaced
	}
	// Unlike a rename, a link never replaces a file.
	if err := os.Link(p.name(), p.path); err != nil {
		return err
	}
	if err := errors.Join(os.Remove(p.name()), p.syncFolders()); err != nil {
		return errors.Join(err, os.Remove(p.path))
	}
	return nil
}

// syncFolders flushes the names of the file and of the folders that were created for it.
func (p *partialFile) syncFolders() (err error) {
	for _, folder := range p.folders {
		err = errors.Join(err, flush(os.Open(filepath.Dir(folder))))
	}
	return errors.Join(err, flush(os.Open(filepath.Dir(p.path))))
}

// discard removes the file unless it was published, and the folders that were created for it. The file must be closed.
func (p *partialFile) discard() (err error) {
	if p.isOurs() {
		err = removeDatabase(os.Remove, p.name())
	}
	for _, folder := range slices.Backward(p.folders) {
		_ = os.Remove(folder) // fails if it contains another file
	}
	return err
}

// makeFolders creates a folder and its missing parents, and returns the folders that it created.
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

// flush flushes an open file, or the names in an open folder, to the disk, and closes it. It returns err if it is not nil.
func flush(file *os.File, err error) error {
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
