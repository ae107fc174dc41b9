package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// Backup copies the database at path, as it is at one moment, to a new file at target with mode 0600. Others may continue to
// write to the database. The copy is checked and flushed to the disk. The file appears complete or not at all. Backup
// refuses a target that exists.
//
// With verify, Backup also compares the number of rows in each table with that of the database at the moment of the backup,
// and returns these numbers. If one differs, there is no backup. It then needs room for a second copy.
func Backup(ctx context.Context, path, target string, verify bool) (counts []TableCount, err error) {
	if path, err = existingFile(path); err != nil {
		return nil, safe(err)
	}
	err = create(ctx, target, func(p *partialFile) (err error) {
		counts, err = copyDatabase(ctx, path, p.name(), verify)
		return err
	})
	return counts, safe(err)
}

// Stream is [Backup] to w. It first makes the copy beside the database, because SQLite cannot write to a pipe.
func Stream(ctx context.Context, path string, w io.Writer, verify bool) (counts []TableCount, err error) {
	defer func() { err = safe(err) }()
	if path, err = existingFile(path); err != nil {
		return nil, err
	}
	partial, err := createPartial(ctx, path+".backup")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, partial.discard()) }()
	if counts, err = copyDatabase(ctx, path, partial.name(), verify); err != nil {
		return nil, err
	}
	file, err := os.Open(partial.name())
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(w, file)
	return counts, errors.Join(err, file.Close())
}

// Receive creates a new file at target with the content that fill writes, such as the output of [Stream]. The file appears
// complete or not at all.
func Receive(ctx context.Context, target string, fill func(file *os.File) error) error {
	return safe(create(ctx, target, func(p *partialFile) error {
		file, err := os.OpenFile(p.name(), os.O_WRONLY|syscall.O_NOFOLLOW, 0)
		if err != nil {
			return err
		}
		if info, statErr := file.Stat(); statErr != nil || !os.SameFile(info, p.file) {
			return errors.Join(statErr, errReplaced, file.Close())
		}
		return errors.Join(fill(file), file.Close())
	}))
}

// create creates a new file at target. fill writes its content under the partial name.
func create(ctx context.Context, target string, fill func(p *partialFile) error) (err error) {
	partial, err := createPartial(ctx, target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, partial.discard()) }()
	if err := fill(partial); err != nil {
		return err
	}
	return partial.publish()
}

// copyDatabase copies a database to an empty file, and checks the copy. With verify, it also counts the rows.
func copyDatabase(ctx context.Context, path, target string, verify bool) ([]TableCount, error) {
	if verify {
		return copyAndCount(ctx, path, target)
	}
	return nil, vacuumInto(ctx, readDSN(path), target)
}

// vacuumInto copies rows, not pages, so that the copy contains nothing that was deleted. Unlike with SQLite's online backup,
// concurrent writes neither wait nor make the copy start again.
func vacuumInto(ctx context.Context, dsn, target string) error {
	err := withDB(dsn, func(db *sql.DB) error {
		if err := setTempFolder(ctx, db, filepath.Dir(target)); err != nil {
			return err
		}
		_, err := db.ExecContext(ctx, "VACUUM INTO ?", target)
		return err
	})
	if err != nil {
		return err
	}
	return checkIntegrity(ctx, target)
}

// checkIntegrity reads everything in a database file. It uses a connection that can write: on others, SQLite does not check
// CHECK constraints.
func checkIntegrity(ctx context.Context, path string) error {
	return withDB(dsn(path), func(db *sql.DB) error {
		if err := checkContent(ctx, db); err != nil {
			return fmt.Errorf("the copy is damaged: %w", err)
		}
		return nil
	})
}

func checkContent(ctx context.Context, db *sql.DB) error {
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return errors.New(verdict)
	}
	var orphans int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM pragma_foreign_key_check").Scan(&orphans); err != nil {
		return err
	}
	if orphans > 0 {
		return fmt.Errorf("%d rows refer to missing rows", orphans)
	}
	return nil
}

func withDB(dsn string, fn func(*sql.DB) error) error {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return err
	}
	return errors.Join(fn(db), db.Close())
}
