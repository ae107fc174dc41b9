package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
)

// Backup writes what the database at path holds at one moment to a new file at target, of mode 0600, while others may go on
// writing it. The file is checked, flushed to the disk, and there whole or not at all. What is at target already is refused.
func Backup(ctx context.Context, path, target string) error {
	return pathless(backUp(ctx, path, target))
}

func backUp(ctx context.Context, path, target string) (err error) {
	path, err = existingFile(path)
	if err != nil {
		return err
	}
	partial, err := createPartial(ctx, target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, partial.discard()) }()
	if err := vacuumInto(ctx, path, partial.name()); err != nil {
		return err
	}
	if err := checkIntegrity(ctx, partial.name()); err != nil {
		return err
	}
	return partial.publish()
}

// vacuumInto copies rows, not pages: what was deleted stays out of the copy, and writes beside it neither wait nor make it
// begin again, as they do with SQLite's online backup.
func vacuumInto(ctx context.Context, path, target string) error {
	return withDB(readDSN(path), func(db *sql.DB) error {
		if err := keepTempFiles(ctx, db, filepath.Dir(target)); err != nil {
			return err
		}
		_, err := db.ExecContext(ctx, "VACUUM INTO ?", target)
		return err
	})
}

// checkIntegrity reads everything in a database file. On a connection that cannot write, SQLite would leave out whether rows
// meet their CHECK constraints.
func checkIntegrity(ctx context.Context, path string) error {
	return withDB(dsn(path), func(db *sql.DB) error {
		var verdict string
		if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
			return err
		}
		if verdict != "ok" {
			return fmt.Errorf("the copy is not sound: %s", verdict)
		}
		var orphans int
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM pragma_foreign_key_check").Scan(&orphans); err != nil {
			return err
		}
		if orphans > 0 {
			return fmt.Errorf("the copy is not sound: %d rows refer to rows that are not there", orphans)
		}
		return nil
	})
}

func withDB(dsn string, fn func(*sql.DB) error) error {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return err
	}
	return errors.Join(fn(db), db.Close())
}
