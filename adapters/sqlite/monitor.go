package sqlite

import (
	"context"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

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

// Epoch returns the store's epoch.
func (m monitor) Epoch(ctx context.Context) (domain.Epoch, error) { return epoch(ctx, m) }

func (m monitor) read(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	select {
	case <-m.closed:
		return errClosed
	default:
		return translate(ctx, fn(ctx, litedb.New(m.watchDB)))
	}
}
