package domain

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// RefreshGrace is how long the previous refresh token of a session is still accepted.
const RefreshGrace = 30 * time.Second

// Refresh implements [AuthService].
func (s *Auth) Refresh(ctx context.Context, refresh string) (Tokens, error) {
	token, err := s.options.Refresh.ParseRefresh(refresh)
	if err != nil {
		return Tokens{}, badRefresh("this service did not make it")
	}
	var (
		session Session
		epoch   Epoch
		at      time.Time
		reused  bool
	)
	err = s.sessions.inTx(ctx, func(tx Repositories, now time.Time) (err error) {
		at = now
		if epoch, err = tx.Epoch(ctx); err != nil {
			return fmt.Errorf("refresh a session: %w", err)
		}
		if !epoch.Accepts(token.Epoch) {
			return badRefresh("it is from before the store was restored")
		}
		if session, err = refreshable(ctx, tx, token, now); err != nil {
			return err
		}
		session, reused, err = s.refreshIn(ctx, tx, session, token.N, now)
		return err
	})
	if err != nil {
		return Tokens{}, err
	}
	if reused {
		return Tokens{}, s.refuseReused(ctx, session)
	}
	return s.issue(ctx, session, epoch, at)
}

// minTokenLife is the minimum life of an access token, whose times are whole seconds.
const minTokenLife = time.Second

// refreshable returns the live session of a refresh token.
func refreshable(ctx context.Context, tx Repositories, token RefreshToken, now time.Time) (Session, error) {
	session, err := tx.Sessions().ByID(ctx, token.SessionID)
	switch {
	case errors.Is(err, ErrSessionNotFound):
		return Session{}, badRefresh("its session has ended")
	case err != nil:
		return Session{}, fmt.Errorf("look up a session: %w", err)
	case session.ExpiresAt.Sub(now) < minTokenLife:
		return Session{}, badRefresh("its session has expired")
	case token.KeyID != session.RefreshKeyID:
		return Session{}, badRefresh("it was made with another key than its session's")
	case token.N > session.RefreshCount:
		return Session{}, badRefresh("it is newer than its session")
	}
	return session, nil
}

// refreshIn refreshes a session with its nth refresh token, or reports that the token was reused.
func (s *Auth) refreshIn(
	ctx context.Context, tx Repositories, session Session, n int64, now time.Time,
) (next Session, reused bool, err error) {
	next, ok := s.options.step(session, n, now)
	if !ok {
		return session, true, nil
	}
	done, err := tx.Sessions().Refresh(ctx, next, session.RefreshCount)
	if err != nil {
		return Session{}, false, fmt.Errorf("refresh a session: %w", err)
	}
	if !done {
		return Session{}, false, badRefresh("its session has ended")
	}
	return next, false, nil
}

// step returns a session after the use of its nth refresh token. The newest token refreshes it. The previous token leaves it
// unchanged within [RefreshGrace]; the session is written even then, so that no failover undoes the acknowledged refresh. With
// any other token ok is false.
func (o AuthOptions) step(session Session, n int64, now time.Time) (next Session, ok bool) {
	switch n {
	case session.RefreshCount:
		session.RefreshCount, session.RefreshedAt, session.ExpiresAt = n+1, now, o.sessionExpiry(session.CreatedAt, now)
		return session, true
	case session.RefreshCount - 1:
		return session, now.Sub(session.RefreshedAt) <= RefreshGrace
	}
	return session, false
}

// refuseReused ends a session whose refresh token was reused, and returns [ErrBadRefreshToken].
func (s *Auth) refuseReused(ctx context.Context, session Session) error {
	s.options.Events.Record(ctx, SecurityEvent{Name: EventRefreshReused, UserID: session.UserID, SessionID: session.ID})
	if _, err := s.sessions.endThese(ctx, session.UserID, session.ID); err != nil {
		return err
	}
	return badRefresh("it was used before, and its session ends")
}

func badRefresh(reason string) error { return fmt.Errorf("%w: %s", ErrBadRefreshToken, reason) }
