package postgres

import (
	"context"

	"example.com/postern/domain"
)

// Monitor returns a view of the store that reads ended sessions, the epoch and the time on a reserved connection, so that
// no other load delays them. [Store.Ping] has a reserved connection too.
func (s *Store) Monitor() domain.Store { return monitor{s} }

type monitor struct{ *Store }

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

func (m monitor) Epoch(ctx context.Context) (domain.Epoch, error) { return epoch(ctx, m) }
