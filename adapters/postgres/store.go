// Package postgres keeps Postern's data in PostgreSQL; its tests run on 15. It implements [domain.Store].
//
// Single statements run in READ COMMITTED, each its own transaction; InTx runs in REPEATABLE READ, and again after losing a
// race. What the database has not confirmed is never acknowledged, and what it may have done is never done again.
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
	"example.com/postern/domain/throttle"
)

// Store is a [domain.Store] in a PostgreSQL database. Several processes may share it. It holds no state but connections, and
// makes them anew when the database was restarted or another host has taken over. Whatever waits, waits a bounded time (see
// [Options]); beyond that, and after Close, the answer is [domain.ErrStoreUnavailable]. Writes and transactions leave
// connections to reads (see [Options.MaxConns]). Inside a transaction the plain store may be used too: it has a connection of
// its own and does not see what the transaction did.
type Store struct {
	options    Options
	schema     int64 // the version of the schema that this binary knows
	pool       *pgxpool.Pool
	watchPool  *pgxpool.Pool // see Monitor
	writers    chan struct{} // one for each write that may have a connection: see enter
	generation atomic.Int64  // of connections: see expire
	settleTime time.Duration
}

// access is how a repository reaches the database: on the plain store each call stands alone, in a transaction all of them
// run on its connection. What they return was translated.
type access interface {
	read(ctx context.Context, fn func(ctx context.Context, q *pgdb.Queries) error) error
	write(ctx context.Context, fn func(ctx context.Context, q *pgdb.Queries) error) error

	// refusable is a write that a constraint may refuse, which then leaves the transaction around it whole.
	refusable(ctx context.Context, fn func(ctx context.Context, q *pgdb.Queries) error) error
}

// Users returns the users.
func (s *Store) Users() domain.UserRepository { return users{s} }

// Posts returns the posts.
func (s *Store) Posts() domain.PostRepository { return posts{s} }

// Sessions returns the sessions.
func (s *Store) Sessions() domain.SessionRepository { return sessions{s} }

// Idempotency returns the idempotency records.
func (s *Store) Idempotency() domain.IdempotencyRepository {
	return idempotency{s, s.options.LockTimeout}
}

// Votes returns the votes.
func (s *Store) Votes() domain.VoteRepository { return votes{s} }

// Throttles returns the throttles.
func (s *Store) Throttles() throttle.Repository { return throttles{s} }

// Now tells the time by the server's clock.
func (s *Store) Now(ctx context.Context) (now time.Time, err error) {
	err = s.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
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
			o = lost // reading twice is as good as once
		}
		return o, err
	})
}

func (s *Store) write(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	if s.options.Pooler {
		return s.rerun(ctx, func() (outcome, error) {
			return s.attempt(ctx, pgx.ReadCommitted, func(t *tx) error { return t.read(ctx, fn) })
		})
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

func (s *Store) refusable(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	return s.write(ctx, fn)
}

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

// acquire waits for a connection, which it may have to make. When the database is away that fails at once, and is not tried
// again: whoever asked is better told.
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
		return nil, unavailable("no connection was to be had in time")
	}
	return nil, fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, s.options.hinted(plain(err)))
}

// defaultSettleTime bounds how long a write that was cut short may hold up its caller.
const defaultSettleTime = 100 * time.Millisecond

// settle waits, when a write was cut short, until the server has given it up, so that whoever tries again does not meet it. pgx
// closes the connection in the background, after asking the server to cancel.
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

// expire makes all connections of a lost one's generation be made anew: what took that one, a restart or a change of hosts,
// took the others. Only the first of them does so, lest those that fail late cost the new ones too.
func (s *Store) expire(conn *pgx.Conn) {
	generation, _ := conn.PgConn().CustomData()[generationKey].(int64)
	if s.generation.CompareAndSwap(generation, generation+1) {
		s.pool.Reset()
		s.watchPool.Reset()
	}
}

const generationKey = "postern.generation"

// Ping tells whether the store can serve: it answers, may be written to, and its schema is at least this binary's. A newer one
// is fine: schemas are expanded before a newer binary needs it, and contracted when no older one does. The error is
// [domain.ErrStoreUnavailable], wrapped, or the context's.
func (s *Store) Ping(ctx context.Context) error {
	version, readOnly, err := s.state(ctx)
	switch {
	case err != nil && (errors.Is(err, domain.ErrStoreUnavailable) || ctx.Err() != nil):
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, err)
	case readOnly:
		return unavailable("the database may only be read")
	case version < s.schema:
		return unavailable(fmt.Sprintf("the schema has version %d, this program needs %d", version, s.schema))
	}
	return nil
}

// state returns the version of the schema and whether the database may only be read, as the one that has been demoted may. Its
// connections are expired then.
func (s *Store) state(ctx context.Context) (version int64, readOnly bool, err error) {
	err = s.readFrom(ctx, s.watchPool, func(ctx context.Context, conn *pgx.Conn) error {
		err := conn.QueryRow(ctx, versionQuery).Scan(&version, &readOnly)
		if readOnly {
			s.expire(conn)
		}
		return err
	})
	if sqlState(err) == undefinedTable {
		err = nil // no migration was ever made
	}
	return version, readOnly, err
}

// Close waits for what is being read and written, refuses what comes later, and closes all connections. It must be called
// once.
func (s *Store) Close() error {
	s.watchPool.Close()
	s.pool.Close()
	return nil
}
