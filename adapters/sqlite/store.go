// Package sqlite keeps Postern's data in one SQLite file. It implements [domain.Store].
//
// One connection writes, several read, and readers never wait for the writer (WAL). Writes that wait at the same time are
// committed together, each undone alone if it fails, and none is acknowledged before the commit has succeeded.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

// Store is a [domain.Store] in one file. A write waits its turn for at most 10 seconds, and a transaction that holds up the
// others for more than 5 is undone; both are then [domain.ErrStoreUnavailable], as is everything after Close. Inside a
// transaction the plain store may be read, which shows what was committed before, but not written: that write would wait
// for the very transaction it is called from.
type Store struct {
	path   string
	file   fs.FileInfo // what path was when it was opened
	schema int64       // the version of the schema that this binary knows
	limits limits
	clock  func() time.Time

	writer  *writer
	writeDB *sql.DB
	readDB  *sql.DB
	watchDB *sql.DB         // one connection: see Monitor
	queries *litedb.Queries // prepared on readDB
	slots   chan struct{}   // one for each reading connection in use
	closed  chan struct{}
}

// access is how a repository reaches the database: on the plain store each call stands alone, in a transaction all of them
// run on its connection. What they return was translated.
type access interface {
	read(ctx context.Context, fn func(ctx context.Context, q *litedb.Queries) error) error
	write(ctx context.Context, fn func(ctx context.Context, q *litedb.Queries) error) error
	// writeIndexed is write for what changes the words of posts too. These are written before the commit; see [writer.index].
	writeIndexed(ctx context.Context, fn func(ctx context.Context, q *litedb.Queries) ([]wordsChange, error)) error
}

// Users returns the users.
func (s *Store) Users() domain.UserRepository { return users{s} }

// Posts returns the posts.
func (s *Store) Posts() domain.PostRepository { return posts{s} }

// Sessions returns the sessions.
func (s *Store) Sessions() domain.SessionRepository { return sessions{s} }

// Idempotency returns the idempotency records.
func (s *Store) Idempotency() domain.IdempotencyRepository { return idempotency{s} }

// Votes returns the votes.
func (s *Store) Votes() domain.VoteRepository { return votes{s} }

// Throttles returns the throttles.
func (s *Store) Throttles() throttle.Repository { return throttles{s} }

// Now tells the time by this machine's clock, which all who share the file go by, or by that of [Options].
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	select {
	case <-s.closed:
		return time.Time{}, errClosed
	default:
		return s.clock().UTC().Truncate(time.Microsecond), ctx.Err()
	}
}

// InTx implements [domain.Store]. It runs fn once, in the caller's goroutine, and never again.
func (s *Store) InTx(ctx context.Context, fn func(tx domain.Repositories) error) error {
	return s.writer.do(ctx, func(t *tx) error { return fn(t) })
}

func (s *Store) write(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	return s.writer.do(ctx, func(t *tx) error { return t.write(ctx, fn) })
}

func (s *Store) writeIndexed(ctx context.Context, fn func(context.Context, *litedb.Queries) ([]wordsChange, error)) error {
	return s.writer.do(ctx, func(t *tx) error { return t.writeIndexed(ctx, fn) })
}

func (s *Store) read(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	if err := s.takeSlot(ctx); err != nil {
		return err
	}
	defer func() { <-s.slots }()
	return translate(ctx, fn(ctx, s.queries))
}

// takeSlot waits for a reading connection, so that database/sql, which point reads call without their context, never has to.
func (s *Store) takeSlot(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.slots <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(s.limits.wait)
	defer timer.Stop()
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return unavailable("no reading connection is free")
	case <-s.closed:
		return errClosed
	}
}

// Ping reports whether the store can serve: it answers, its file is still the one that was opened, and its schema is at least
// this binary's. The error is [domain.ErrStoreUnavailable], wrapped, or the context's.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.checkFile(); err != nil {
		return err
	}
	select {
	case <-s.closed:
		return errClosed
	default:
	}
	version, err := schemaVersion(ctx, s.watchDB)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		return fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, err)
	}
	if version < s.schema {
		return unavailable("the schema is older than this program's")
	}
	return nil
}

// checkFile tells whether the path still leads to the file that was opened. SQLite goes on serving one that was deleted or
// replaced; what it then acknowledges is lost.
func (s *Store) checkFile() error {
	file, err := os.Stat(s.path)
	if err != nil {
		return fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, pathless(err))
	}
	if !os.SameFile(file, s.file) {
		return unavailable("the database file was replaced")
	}
	return nil
}

// Close waits for what is being read and written, refuses what waits or comes later, and closes the file. It must be called
// once.
func (s *Store) Close() error {
	close(s.closed)
	writerErr := s.writer.close()
	for range cap(s.slots) {
		s.slots <- struct{}{}
	}
	return errors.Join(writerErr, s.queries.Close(), s.readDB.Close(), s.watchDB.Close(), s.writeDB.Close())
}
