package domain_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestAnEndOnAFullInstanceTakesEffectAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, caller := w.enter(t)
	w.ended.Capacity = 0
	require.NoError(t, w.sessions.End(t.Context(), caller, caller.SessionID))
	require.ErrorIs(t, w.refusal(t, tokens), domain.ErrBadToken)
	require.Zero(t, w.ended.Len())
}

// lookingStore calls a function at the end of each transaction, before the commit.
type lookingStore struct {
	domain.Store
	look func() error
}

func (s *lookingStore) InTx(ctx context.Context, fn func(domain.Repositories) error) error {
	return s.Store.InTx(ctx, func(tx domain.Repositories) error {
		if err := fn(tx); err != nil {
			return err
		}
		return s.look()
	})
}

func TestASessionIsRefusedBeforeItsEndIsCommitted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, caller := w.enter(t)
	looked := 0
	store := &lookingStore{w.store, func() error {
		looked++
		require.ErrorIs(t, w.refusal(t, tokens), domain.ErrBadToken)
		return nil
	}}
	sessions := domain.NewSessions(store, w.clock, w.refresh, w.ended, w.events)
	require.NoError(t, sessions.End(t.Context(), caller, caller.SessionID))
	require.Equal(t, 1, looked)
}

// TestAFailedEndDoesNotUndoAnother lets a call fail after another call or a poll has learned that the session ended.
func TestAFailedEndDoesNotUndoAnother(t *testing.T) {
	t.Parallel()
	cases := map[string]func(w *world, t *testing.T, c domain.Caller){
		"another call with an unknown outcome": func(w *world, t *testing.T, c domain.Caller) {
			err := w.endThen(t, c, func() error { return domain.ErrOutcomeUnknown })
			require.ErrorIs(t, err, domain.ErrOutcomeUnknown)
		},
		"the store": func(w *world, t *testing.T, c domain.Caller) {
			w.endElsewhere(t, c)
			require.NoError(t, w.ended.Poll(t.Context()))
		},
	}
	for name, meanwhile := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tokens, caller := w.enter(t)
			err := w.endThen(t, caller, func() error {
				meanwhile(w, t, caller)
				return domain.ErrStoreUnavailable
			})
			require.ErrorIs(t, err, domain.ErrStoreUnavailable)
			require.ErrorIs(t, w.refusal(t, tokens), domain.ErrBadToken)
		})
	}
}

// endThen ends the caller's session in a transaction whose result is that of then.
func (w *world) endThen(t testing.TB, c domain.Caller, then func() error) error {
	sessions := domain.NewSessions(idleStore{w.store, then}, w.clock, w.refresh, w.ended, w.events)
	return sessions.End(t.Context(), c, c.SessionID)
}

// idleStore is a store whose transactions change nothing. Their result is that of then.
type idleStore struct {
	domain.Store
	then func() error
}

func (s idleStore) InTx(_ context.Context, fn func(domain.Repositories) error) error {
	if err := fn(unlocked{s.Store}); err != nil {
		return err
	}
	return s.then()
}

// unlocked is a transaction that finds every session, and changes nothing.
type unlocked struct{ domain.Store }

func (u unlocked) Sessions() domain.SessionRepository { return endless{u.Store.Sessions()} }

type endless struct{ domain.SessionRepository }

func (endless) End(context.Context, domain.UserID, domain.SessionID, time.Time) (bool, error) {
	return true, nil
}

// rerunStore is a store that runs a transaction again. The sessions that the first run ended have not ended.
type rerunStore struct{ domain.Store }

func (s rerunStore) InTx(ctx context.Context, fn func(domain.Repositories) error) error {
	lost := fmt.Errorf("lost a race")
	_ = s.Store.InTx(ctx, func(tx domain.Repositories) error {
		_ = fn(unlocked(s))
		return lost
	})
	return s.Store.InTx(ctx, fn)
}

func TestARolledBackTransactionEndsNoSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, caller := w.enter(t)
	sessions := domain.NewSessions(rerunStore{w.store}, w.clock, w.refresh, w.ended, w.events)
	stranger := domain.Caller{UserID: caller.UserID + 1}
	require.ErrorIs(t, sessions.End(t.Context(), stranger, caller.SessionID), domain.ErrSessionNotFound)
	require.NoError(t, w.refusal(t, tokens))
	require.Zero(t, w.ended.Len())
}
