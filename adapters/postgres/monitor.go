package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// watchConns is how many connections Ping and Monitor have: one for each.
const watchConns = 2

// monitor is the store as seen by what follows the sessions that end. It reads them on a connection that nothing else uses, so
// that no load on the other connections can hold it up.
type monitor struct{ *Store }

// Monitor returns the same store for following the sessions that end: reading them does not wait for anybody else's work.
// [Store.Ping] does not wait either.
func (s *Store) Monitor() domain.Store { return monitor{s} }

// Sessions returns the sessions.
func (m monitor) Sessions() domain.SessionRepository {
	return monitoredSessions{sessions{m.Store}, sessions{m}}
}

type monitoredSessions struct {
	sessions
	monitored sessions
}

func (r monitoredSessions) EndedAfter(ctx context.Context, after domain.SessionEnd, limit int) ([]domain.SessionEnd, error) {
	return r.monitored.EndedAfter(ctx, after, limit)
}

// Now tells the time by the server's clock.
func (m monitor) Now(ctx context.Context) (now time.Time, err error) {
	err = m.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		now, err = q.Now(ctx)
		return err
	})
	return now, err
}

// Epoch returns the store's epoch.
func (m monitor) Epoch(ctx context.Context) (domain.Epoch, error) { return epoch(ctx, m) }

func (m monitor) read(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	return m.readFrom(ctx, m.watchPool, func(ctx context.Context, conn *pgx.Conn) error { return fn(ctx, pgdb.New(conn)) })
}
