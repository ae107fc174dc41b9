package domaintest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

// Store is a [domain.Store] in memory. It keeps every promise of a real store except durability. One writer at a time changes a
// copy of all tables, which replaces the original in the commit. [NewStore] returns one.
type Store struct {
	Clock func() time.Time // the time that Now returns; set it before the store is used

	turn chan struct{} // held by the writer; a channel, so that a context can end the wait

	mu   sync.RWMutex
	kept tables // never changed, only replaced

	throttles throttles
}

// tables holds all data. Its values are never changed in place, so that a shallow copy is enough.
type tables struct {
	users    map[domain.UserID]userRow
	byEmail  map[string]domain.UserID // by Email.Key
	posts    map[domain.PostID]domain.Post
	sessions map[domain.SessionID]domain.Session
	ends     map[domain.SessionID]time.Time
	votes    map[vote]struct{}
	lastUser domain.UserID
	lastPost domain.PostID
	epoch    domain.Epoch

	emailTokens  map[string]domain.EmailToken
	idempotency  map[idempotencyID]domain.IdempotencyRecord
	outbox       map[string]outboxRow
	deletedUsers map[domain.UserID]struct{}
	deletedPosts map[domain.PostID]struct{}
	actions      []domain.OperatorAction // oldest first

	version int // the number of commits
}

type userRow struct {
	domain.User
	passwordHash string
	suspended    bool
}

// NewStore returns an empty Store whose Clock is the real time.
func NewStore() *Store {
	return &Store{Clock: realTime, turn: make(chan struct{}, 1), throttles: newThrottles(), kept: tables{
		users:        map[domain.UserID]userRow{},
		byEmail:      map[string]domain.UserID{},
		posts:        map[domain.PostID]domain.Post{},
		sessions:     map[domain.SessionID]domain.Session{},
		ends:         map[domain.SessionID]time.Time{},
		votes:        map[vote]struct{}{},
		emailTokens:  map[string]domain.EmailToken{},
		idempotency:  map[idempotencyID]domain.IdempotencyRecord{},
		outbox:       map[string]outboxRow{},
		deletedUsers: map[domain.UserID]struct{}{},
		deletedPosts: map[domain.PostID]struct{}{},
		epoch:        domain.Epoch{ID: domain.NewEpochID()},
	}}
}

func realTime() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func (t tables) clone() tables {
	t.users, t.byEmail = maps.Clone(t.users), maps.Clone(t.byEmail)
	t.posts, t.sessions, t.ends = maps.Clone(t.posts), maps.Clone(t.sessions), maps.Clone(t.ends)
	t.votes, t.idempotency = maps.Clone(t.votes), maps.Clone(t.idempotency)
	t.actions = slices.Clip(t.actions) // so that append copies it
	t.outbox = maps.Clone(t.outbox)
	t.emailTokens = maps.Clone(t.emailTokens)
	t.deletedUsers, t.deletedPosts = maps.Clone(t.deletedUsers), maps.Clone(t.deletedPosts)
	return t
}

// access runs functions on the tables, directly or in a transaction.
type access interface {
	read(ctx context.Context, fn func(*tables) error) error
	write(ctx context.Context, fn func(*tables) error) error
}

// Users returns the users.
func (s *Store) Users() domain.UserRepository { return users{s} }

// Posts returns the posts.
func (s *Store) Posts() domain.PostRepository { return posts{s} }

// Sessions returns the sessions.
func (s *Store) Sessions() domain.SessionRepository { return sessions{s} }

// Idempotency returns the idempotency records.
func (s *Store) Idempotency() domain.IdempotencyRepository { return idempotency{s} }

// Actions returns the actions of operators.
func (s *Store) Actions() domain.ActionRepository { return actions{s} }

// EmailTokens returns the e-mail tokens.
func (s *Store) EmailTokens() domain.EmailTokenRepository { return emailTokens{s} }

// Outbox returns the mails that are still to be sent.
func (s *Store) Outbox() domain.OutboxRepository { return outbox{s} }

// Votes returns the votes.
func (s *Store) Votes() domain.VoteRepository { return votes{s} }

// Throttles returns the throttles.
func (s *Store) Throttles() throttle.Repository { return s.throttles }

// Now returns the time of Clock.
func (s *Store) Now(ctx context.Context) (time.Time, error) { return s.Clock(), ctx.Err() }

func (s *Store) read(ctx context.Context, fn func(*tables) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	kept := s.snapshot()
	return fn(&kept)
}

func (s *Store) write(ctx context.Context, fn func(*tables) error) error {
	return s.inTx(ctx, func(t *tx) error { return t.write(ctx, fn) })
}

// InTx implements [domain.Store]. It runs fn once.
func (s *Store) InTx(ctx context.Context, fn func(tx domain.Repositories) error) error {
	return s.inTx(ctx, func(t *tx) error { return fn(t) })
}

// ReadTx implements [domain.Store].
func (s *Store) ReadTx(ctx context.Context, fn func(tx domain.Repositories) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t := &tx{tables: s.snapshot(), readOnly: true}
	defer t.end()
	return fn(t)
}

func (s *Store) inTx(ctx context.Context, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }() // even if fn panics
	t := &tx{tables: s.snapshot().clone()}
	defer t.end()
	if err := fn(t); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.keep(t.end())
	return nil
}

func (s *Store) keep(t tables) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.version = s.kept.version + 1
	s.kept = t
}

func (s *Store) snapshot() tables {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.kept
}
