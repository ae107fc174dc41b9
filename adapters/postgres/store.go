// Package postgres implements [domain.Store] on PostgreSQL. It is tested on versions 15 to 18.
//
// A single statement is a transaction of its own, in READ COMMITTED. InTx uses REPEATABLE READ and runs again after a
// serialization failure. The store acknowledges only what the server has confirmed, and never repeats a write whose
// outcome is unknown.
//
// Files whose code is the same in both stores are written here and copied to package sqlite by make generate. Files
// named *_write.go hold what differs.
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

// Store is a [domain.Store] in a PostgreSQL database. Several processes may share a database. A Store holds no state
// other than its connections, and replaces them after a restart of the server or a failover.
//
// Every wait is bounded (see [Options]). After that time, and after Close, calls return [domain.ErrStoreUnavailable]. A
// Store may be used inside a transaction: it then uses another connection and does not see the transaction's changes.
type Store struct {
	options    Options
	schema     int64 // the version of the schema that this program needs
	pool       *pgxpool.Pool
	watchPool  *pgxpool.Pool // see Monitor
	writers    chan struct{} // bounds the connections of writes: see enter
	generation atomic.Int64  // of the connections: see expire
	settleTime time.Duration
}

// access runs generated queries. On a Store each call stands alone; in a transaction all calls run on its connection.
// The errors it returns are the caller's business: see judge.
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
func (s *Store) Now(ctx context.Context) (time.Time, error) { return now(ctx, s) }

func now(ctx context.Context, a access) (now time.Time, err error) {
	err = a.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		now, err = q.Now(ctx)
		return err
	})
	return now, err
}

func (s *Store) read(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	return s.readConn(ctx, func(ctx context.Context, conn *pgx.Conn) error { return fn(ctx, pgdb.New(conn)) })
}

func (s *Store) readConn(ctx context.Context, fn func(context.Context, *pgx.Conn) error) error {
	return s.readFrom(ctx, s.pool, fn)
}

func (s *Store) readFrom(ctx context.Context, pool *pgxpool.Pool, fn func(context.Context, *pgx.Conn) error) error {
	return s.rerun(ctx, func() (outcome, error) {
		o, err := s.single(ctx, pool, fn)
		if o == unknown {
			o = lost // repeating a read does no harm
		}
		return o, err
	})
}

func (s *Store) write(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	if s.options.Pooler {
		return s.transaction(ctx, pgx.ReadCommitted, func(t *tx) error { return t.write(ctx, fn) })
	}
	return s.rerun(ctx, func() (outcome, error) {
		if err := s.enter(ctx); err != nil {
			return final, err
		}
		defer s.leave()
		return s.single(ctx, s.pool, func(ctx context.Context, conn *pgx.Conn) error {
			err := fn(ctx, pgdb.New(conn))
			s.settle(ctx, conn)
			return err
		})
	})
}

// watchConns is how many connections Ping and Monitor have: one for each.
const watchConns = 2

func (m monitor) read(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	return m.readFrom(ctx, m.watchPool, func(ctx context.Context, conn *pgx.Conn) error { return fn(ctx, pgdb.New(conn)) })
}

func (m monitor) Now(ctx context.Context) (time.Time, error) { return now(ctx, m) }

// single runs a statement on a connection of its own.
func (s *Store) single(ctx context.Context, pool *pgxpool.Pool, fn func(context.Context, *pgx.Conn) error) (outcome, error) {
	conn, err := s.acquire(ctx, pool)
	if err != nil {
		return final, err
	}
	defer conn.Release()
	bounded, cancel := context.WithTimeout(ctx, s.options.StatementTimeout)
	defer cancel()
	return s.judge(ctx, conn.Conn(), fn(bounded, conn.Conn()))
}

// acquire waits for a connection, or makes one. If the database cannot be connected to, it fails at once and is not run
// again.
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
	return nil, fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, s.options.hinted(plain(err)))
}

// defaultSettleTime bounds how long settle waits.
const defaultSettleTime = 100 * time.Millisecond

// settle waits after an interrupted write until the server has cancelled it, so that a retry does not meet the first
// attempt. pgx asks the server to cancel and closes the connection in the background.
func (s *Store) settle(ctx context.Context, conn *pgx.Conn) {
	if ctx.Err() == nil || !conn.IsClosed() {
		return
	}
	timer := time.NewTimer(s.settleTime)
	defer timer.Stop()
	select {
	case <-conn.PgConn().CleanupDone():
	case <-timer.C:
	}
}

// expire replaces all connections of the same generation as a lost one: a restart or a failover has ended them too.
// Only the first lost connection of a generation does so. Otherwise those that fail late would end the new connections.
func (s *Store) expire(conn *pgx.Conn) {
	generation, _ := conn.PgConn().CustomData()[generationKey].(int64)
	if s.generation.CompareAndSwap(generation, generation+1) {
		s.pool.Reset()
		s.watchPool.Reset()
	}
}

const generationKey = "postern.generation"

// Ping reports whether the store can serve: the database answers, accepts writes, and its schema is new enough. A newer
// schema is fine: it is extended before a newer program needs it, and reduced only when no older program runs. The
// error is [domain.ErrStoreUnavailable], wrapped, or the context's.
func (s *Store) Ping(ctx context.Context) error {
	version, readOnly, err := s.state(ctx)
	switch {
	case err != nil && (errors.Is(err, domain.ErrStoreUnavailable) || ctx.Err() != nil):
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, err)
	case readOnly:
		return unavailable("the database is read-only")
	case version < s.schema:
		return unavailable(fmt.Sprintf("the schema has version %d, this program needs %d", version, s.schema))
	}
	return nil
}

// state returns the version of the schema and whether the database is read-only. It is read-only after it was demoted
// to a standby, so its connections are then replaced.
func (s *Store) state(ctx context.Context) (version int64, readOnly bool, err error) {
	err = s.readFrom(ctx, s.watchPool, func(ctx context.Context, conn *pgx.Conn) error {
		err := conn.QueryRow(ctx, versionQuery).Scan(&version, &readOnly)
		if readOnly {
			s.expire(conn)
		}
		return err
	})
	if sqlState(err) == undefinedTable {
		err = nil // no migration has run yet
	}
	return version, readOnly, err
}

// Close refuses new calls, waits for those under way, and closes all connections. It must be called once.
func (s *Store) Close() error {
	s.watchPool.Close()
	s.pool.Close()
	return nil
}
