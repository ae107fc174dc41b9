package domain

import (
	"context"
	"errors"
	"fmt"
)

// maxOver is how many epochs that are over are remembered. Only tokens of ours name one, so there are hardly ever more.
const maxOver = 100

var (
	errSessionEnded = fmt.Errorf("%w: the session has ended", ErrBadToken)
	errEpochOver    = fmt.Errorf("%w: it is from before the store was restored", ErrBadToken)
)

// check returns nil if a token's session is live and its epoch the store's, or [ErrBadToken], wrapped, if not. It returns the
// store's error if only the store can tell, and does not answer.
func (e *EndedSessions) check(ctx context.Context, c Claims) error {
	if err, certain := e.remember(c); certain {
		return err
	}
	return e.ask(ctx, c)
}

// remember is check by memory alone, and reports whether that is certain. It is not when memory is stale or incomplete, or the token
// names an epoch that is not known here: it may be newer than the last poll.
func (e *EndedSessions) remember(c Claims) (err error, certain bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if _, ended := e.ends[c.SessionID]; ended {
		return errSessionEnded, true
	}
	if e.overflows != e.covered || e.staleness() > maxStaleness {
		return nil, false
	}
	if e.last.epoch.Accepts(c.Epoch) {
		return nil, true
	}
	_, over := e.over[c.Epoch]
	return errEpochOver, over
}

// ask is check by the store. It reads the epoch last, so that a session from before it changed does not pass.
func (e *EndedSessions) ask(ctx context.Context, c Claims) error {
	session, sessionErr := e.store.Sessions().ByID(ctx, c.SessionID)
	if sessionErr != nil && !errors.Is(sessionErr, ErrSessionNotFound) {
		return fmt.Errorf("look up a token's session: %w", sessionErr)
	}
	epoch, err := e.store.Epoch(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("look up a token's epoch: %w", err)
	case !epoch.Accepts(c.Epoch):
		e.noteOver(c.Epoch)
		return errEpochOver
	case sessionErr != nil, session.UserID != c.UserID:
		return errSessionEnded
	}
	return nil
}

// noteOver remembers that an epoch is over, so that the tokens of one cost the store one look.
func (e *EndedSessions) noteOver(epoch string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.over) < maxOver {
		e.over[epoch] = struct{}{}
	}
}
