package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"example.com/postern/domain"
)

var errClosed = unavailable("the store is closed")

// safe removes the path from the text of a file system error, because the path is the value of a setting.
func safe(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return &safeError{e.Err.Error(), err}
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return &safeError{e.Op + ": " + e.Err.Error(), err}
	}
	return err
}

// code returns the extended result code (https://www.sqlite.org/rescode.html) of an error from SQLite, or 0.
func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return 0
}

// primary returns the primary result code, which is the low octet of the extended one.
func primary(err error) int { return code(err) & 0xff }

// translate translates an error from SQLite: into the context's error if the statement was interrupted, and into
// [domain.ErrStoreUnavailable] if a later attempt may succeed. It keeps all other errors.
func translate(ctx context.Context, err error) error {
	switch primary(err) {
	case sqlite3.SQLITE_INTERRUPT:
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOLFS:
		return fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, err)
	}
	return err
}
