// Code generated from adapters/postgres/monitor.go by make generate. DO NOT EDIT.

package sqlite

import (
	"context"

	"example.com/postern/domain"
)

// Monitor returns the same store for following the sessions that end. It reads the ends and the epoch on a connection
// that nothing else uses, so that no other load delays them. The same is true of [Store.Ping].
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
