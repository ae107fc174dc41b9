// Package sqlite implements [domain.Store] on one SQLite file.
//
// One connection writes and several read. Readers never wait for the writer (WAL). Writes that wait at the same time
// share one commit. Each has its own savepoint, so that a failed one does not affect the others, and none is
// acknowledged before the commit succeeds.
//
// Files whose code is the same in both stores are copied from package postgres by make generate. Files named *_write.go hold
// what differs.
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
)

// Store is a [domain.Store] in one file. A write waits for its turn for at most 10 seconds, and a transaction that
// keeps its turn for more than 5 seconds is undone. Both then return [domain.ErrStoreUnavailable], as do all calls
// after Close.
//
// Inside a transaction a Store may be read, and shows what was committed before. It must not be written to: the write
// would wait for the transaction that it is called from.
type Store struct {
	path   string
	file   fs.FileInfo // of path, when it was opened
	schema int64       // the version of the schema that this program needs
	limits limits
	clock  func() time.Time

	writer  *writer
	writeDB *sql.DB
	readDB  *sql.DB
	watchDB *sql.DB         // one connection: see Monitor
	queries *litedb.Queries // prepared on readDB
	slots   chan struct{}   // bounds the reading connections in use
	closed  chan struct{}
}

// access runs generated queries. On a Store each call stands alone; in a transaction all calls run on its connection.
// The errors it returns are the caller's business: see translate.
type access interface {
	read(ctx context.Context, fn func(ctx context.Context, q *litedb.Queries) error) error
	write(ctx context.Context, fn func(ctx context.Context, q *litedb.Queries) error) error
	// writeIndexed is write for what also changes the words of posts. They are written before the commit: see
	// [writer.index].
	writeIndexed(ctx context.Context, fn func(ctx context.Context, q *litedb.Queries) ([]wordsChange, error)) error
}

// fetch runs a short query that reads, and returns its result. It does not cancel the query when ctx ends: a context
// that cannot end makes it a third cheaper.
func fetch[P, R any](
	ctx context.Context, a access, query func(*litedb.Queries, context.Context, P) (R, error), params P,
) (result R, err error) {
	err = a.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		result, err = query(q, context.WithoutCancel(ctx), params)
		return err
	})
	return result, err
}

// Idempotency implements [domain.Repositories].
func (s *Store) Idempotency() domain.IdempotencyRepository { return idempotency{s} }

// Now returns the time of the clock in [Options], by default this machine's, which all processes that share the file
// have in common.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	select {
	case <-s.closed:
		return time.Time{}, errClosed
	default:
		return s.clock().UTC().Truncate(time.Microsecond), ctx.Err()
	}
}

// InTx implements [domain.Store]. It runs fn once, in the caller's goroutine.
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

func (m monitor) read(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	select {
	case <-m.closed:
		return errClosed
	default:
		return translate(ctx, fn(ctx, litedb.New(m.watchDB)))
	}
}

// takeSlot waits for a reading connection. So database/sql never has to wait for one: fetch calls it with a context
// that does not end.
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

// Ping reports whether the store can serve: the database answers, its file is still the one that was opened, and its
// schema is new enough. The error is [domain.ErrStoreUnavailable], wrapped, or the context's.
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
		return unavailable("the schema is older than this program needs")
	}
	return nil
}

// checkFile returns an error unless the path still leads to the file that was opened. SQLite continues to use a file
// that was deleted or replaced, and what it then acknowledges is lost.
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

// Close refuses new and waiting calls, waits for those under way, and closes the file. It must be called once.
func (s *Store) Close() error {
	close(s.closed)
	writerErr := s.writer.close()
	for range cap(s.slots) {
		s.slots <- struct{}{}
	}
	return errors.Join(writerErr, s.queries.Close(), s.readDB.Close(), s.watchDB.Close(), s.writeDB.Close())
}
