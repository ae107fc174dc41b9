// Package postgres implements [domain.Store] on PostgreSQL. It is tested on versions 15 to 18.
//
// A single statement is a transaction of its own, in READ COMMITTED. InTx uses REPEATABLE READ and runs again after a
// serialization failure. The store acknowledges only what the server has confirmed, and never repeats a write whose
// outcome is unknown.
//
// Files whose code is the same in both stores are written here and copied to package sqlite by make generate. writes.go
// and the files named *_write.go have the code that differs.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// Store is a [domain.Store] in a PostgreSQL database. Several processes may share a database. A Store has no state
// other than its connections, and replaces them after a restart of the server or a failover.
//
// Every wait is bounded (see [Options]). After that time, and after Close, calls return [domain.ErrStoreUnavailable]. A
// Store may be used inside a transaction: it then uses another connection and does not see the transaction's changes.
type Store struct {
	options    Options
	pool       *pgxpool.Pool
	watchPool  *pgxpool.Pool // see Monitor
	longPool   *pgxpool.Pool // see ReadTx
	writeSlots chan struct{} // a semaphore: see beginWrite
	generation atomic.Int64  // of the connections: see replaceConns
	cancelWait time.Duration // see awaitCancel
}

// access runs generated queries. On a Store each call stands alone; in a transaction all calls run on its connection.
// Its methods return an error of fn as classify translates it.
type access interface {
	read(ctx context.Context, fn func(ctx context.Context, q *pgdb.Queries) error) error
	query(ctx context.Context, fn func(ctx context.Context, db pgdb.DBTX) error) error
	write(ctx context.Context, fn func(ctx context.Context, q *pgdb.Queries) error) error
}

// fetch runs a query that reads, and returns its result.
func fetch[P, R any](
	ctx context.Context, a access, query func(*pgdb.Queries, context.Context, P) (R, error), params P,
) (result R, err error) {
	err = a.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		result, err = query(q, ctx, params)
		return err
	})
	return result, err
}

// Idempotency implements [domain.Repositories].
func (s *Store) Idempotency() domain.IdempotencyRepository {
	return idempotency{s, s.options.LockTimeout}
}

// Now returns the time of the server's clock.
func (s *Store) Now(ctx context.Context) (time.Time, error) { return get(ctx, s, (*pgdb.Queries).Now) }

func (s *Store) read(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	return s.readConn(ctx, func(ctx context.Context, conn *pgx.Conn) error { return fn(ctx, pgdb.New(conn)) })
}

func (s *Store) readConn(ctx context.Context, fn func(context.Context, *pgx.Conn) error) error {
	return s.readFrom(ctx, s.pool, fn)
}

func (s *Store) readFrom(ctx context.Context, pool *pgxpool.Pool, fn func(context.Context, *pgx.Conn) error) error {
	return s.withRetries(ctx, func() (decision, error) {
		decision, err := s.tryStatement(ctx, pool, func(ctx context.Context, conn *pgx.Conn) error {
			ctx, cancel := uninterrupted(ctx)
			defer cancel()
			return fn(ctx, conn)
		})
		if decision == unknownOutcome {
			decision = retryOnce // repeating a read is harmless
		}
		return decision, err
	})
}

func (s *Store) write(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	if s.options.Pooler {
		return s.transaction(ctx, pgx.ReadCommitted, func(t *tx) error { return t.write(ctx, fn) })
	}
	return s.withRetries(ctx, func() (decision, error) {
		if err := s.beginWrite(ctx); err != nil {
			return done, err
		}
		defer s.endWrite()
		return s.tryStatement(ctx, s.pool, func(ctx context.Context, conn *pgx.Conn) error {
			err := fn(ctx, pgdb.New(conn))
			s.awaitCancel(ctx, conn)
			return err
		})
	})
}

// watchConns is the number of connections that are reserved for Ping and Monitor: one for each.
const watchConns = 2

func (m monitor) read(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	return m.readFrom(ctx, m.watchPool, func(ctx context.Context, conn *pgx.Conn) error { return fn(ctx, pgdb.New(conn)) })
}

func (m monitor) Now(ctx context.Context) (time.Time, error) { return get(ctx, m, (*pgdb.Queries).Now) }

// tryStatement runs a statement once, on a connection of its own.
func (s *Store) tryStatement(
	ctx context.Context, pool *pgxpool.Pool, fn func(context.Context, *pgx.Conn) error,
) (decision, error) {
	conn, err := s.acquire(ctx, pool)
	if err != nil {
		return done, err
	}
	defer conn.Release()
	bounded, cancel := context.WithTimeout(ctx, s.options.StatementTimeout)
	defer cancel()
	return s.classify(ctx, conn.Conn(), fn(bounded, conn.Conn()))
}

// uninterrupted returns a context with the deadline of ctx, but without its cancellation. To interrupt a read whose client
// has left, pgx would have to close the connection.
func uninterrupted(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, _ := ctx.Deadline() // tryStatement has set one
	return context.WithDeadline(context.WithoutCancel(ctx), deadline)
}

// acquire waits for a free connection or opens one. It fails at once, and is not retried, if it cannot connect.
func (s *Store) acquire(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(ctx, s.options.AcquireTimeout)
	defer cancel()
	conn, err := pool.Acquire(bounded)
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case bounded.Err() != nil:
		return nil, unavailable("no connection became free in time")
	}
	return nil, fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, s.options.withPoolerHint(safe(err)))
}

// defaultCancelWait is the longest time that awaitCancel waits.
const defaultCancelWait = 100 * time.Millisecond

// awaitCancel waits, after ctx has interrupted a write, until the server has cancelled it. Otherwise the caller's next
// attempt could collide with it. pgx asks the server to cancel and closes the connection in the background.
func (s *Store) awaitCancel(ctx context.Context, conn *pgx.Conn) {
	if ctx.Err() == nil || !conn.IsClosed() {
		return
	}
	timer := time.NewTimer(s.cancelWait)
	defer timer.Stop()
	select {
	case <-conn.PgConn().CleanupDone():
	case <-timer.C:
	}
}

// replaceConns replaces all connections of the same generation as a lost one, because a restart or a failover has ended
// them too. Only the first lost connection of a generation does so: one that fails later must not end the new ones.
func (s *Store) replaceConns(conn *pgx.Conn) {
	generation, _ := conn.PgConn().CustomData()[generationKey].(int64)
	if s.generation.CompareAndSwap(generation, generation+1) {
		s.pool.Reset()
		s.watchPool.Reset()
		s.longPool.Reset()
	}
}

const generationKey = "postern.generation"

// Ping returns nil if the store can serve: the database answers, accepts writes, and its schema is new enough. A newer
// schema is allowed: see package migrations. The error is [domain.ErrStoreUnavailable], wrapped, or the context's.
func (s *Store) Ping(ctx context.Context) error {
	version, readOnly, err := s.state(ctx)
	switch {
	case err != nil && (errors.Is(err, domain.ErrStoreUnavailable) || ctx.Err() != nil):
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, err)
	case readOnly:
		return unavailable("the database is read-only")
	case version < latestVersion:
		return unavailable(fmt.Sprintf("the schema has version %d, this program needs %d", version, latestVersion))
	}
	return nil
}

// state returns the version of the schema and whether the database is read-only. A primary becomes read-only when it is
// demoted to a standby, so the connections are then replaced.
func (s *Store) state(ctx context.Context) (version int64, readOnly bool, err error) {
	err = s.readFrom(ctx, s.watchPool, func(ctx context.Context, conn *pgx.Conn) error {
		err := conn.QueryRow(ctx, versionQuery).Scan(&version, &readOnly)
		if readOnly {
			s.replaceConns(conn)
		}
		return err
	})
	if sqlState(err) == undefinedTable {
		err = nil // no migration has run yet
	}
	return version, readOnly, err
}

// Connections returns how many connections are in use, and how many are open and idle.
func (s *Store) Connections() (used, idle int) {
	for _, pool := range []*pgxpool.Pool{s.pool, s.watchPool, s.longPool} {
		stat := pool.Stat()
		used, idle = used+int(stat.AcquiredConns()), idle+int(stat.IdleConns())
	}
	return used, idle
}

// Close refuses new calls, waits for running ones, and closes all connections. It must be called once.
func (s *Store) Close() error {
	s.watchPool.Close()
	s.longPool.Close()
	s.pool.Close()
	return nil
}
