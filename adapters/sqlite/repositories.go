// Code generated from adapters/postgres/repositories.go by make generate. DO NOT EDIT.

package sqlite

import (
	"context"

	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

// Users implements [domain.Repositories].
func (s *Store) Users() domain.UserRepository { return users{s} }

// Posts implements [domain.Repositories].
func (s *Store) Posts() domain.PostRepository { return posts{s} }

// Sessions implements [domain.Repositories].
func (s *Store) Sessions() domain.SessionRepository { return sessions{s} }

// Actions implements [domain.Repositories].
func (s *Store) Actions() domain.ActionRepository { return actions{s} }

// Outbox implements [domain.Repositories].
func (s *Store) Outbox() domain.OutboxRepository { return outbox{s} }

// EmailTokens implements [domain.Repositories].
func (s *Store) EmailTokens() domain.EmailTokenRepository { return emailTokens{s} }

// Votes implements [domain.Store].
func (s *Store) Votes() domain.VoteRepository { return votes{s} }

// Throttles implements [domain.Store].
func (s *Store) Throttles() throttle.Repository { return throttles{s} }

func (t *tx) Users() domain.UserRepository       { return users{t} }
func (t *tx) Posts() domain.PostRepository       { return posts{t} }
func (t *tx) Sessions() domain.SessionRepository { return sessions{t} }
func (t *tx) Actions() domain.ActionRepository   { return actions{t} }
func (t *tx) Outbox() domain.OutboxRepository    { return outbox{t} }

func (t *tx) EmailTokens() domain.EmailTokenRepository { return emailTokens{t} }

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
