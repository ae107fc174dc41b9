package domain

import (
	"context"
	"errors"
	"fmt"
	"time"
)

func (s *authService) Refresh(ctx context.Context, refresh string) (Tokens, error) {
	keyID, sid, n, err := s.AuthOptions.Refresh.ParseRefresh(refresh)
	if err != nil {
		return Tokens{}, badRefresh("it is not one of ours")
	}
	// Each turn but the last finds a higher count than the one before, so there are at most three.
	for {
		session, now, err := s.refreshable(ctx, keyID, sid, n)
		if err != nil {
			return Tokens{}, err
		}
		next, ok := s.step(session, n, now)
		if !ok {
			return Tokens{}, s.refuseReused(ctx, session)
		}
		done, err := s.Store.Sessions().Refresh(ctx, next, session.RefreshCount)
		if err != nil {
			return Tokens{}, fmt.Errorf("refresh a session: %w", err)
		}
		if done {
			return s.issue(ctx, next, next.RefreshCount, now)
		}
	}
}

// minTokenLife is the least that an access token is worth issuing for: whole seconds are what it can say.
const minTokenLife = time.Second

// refreshable returns the live session that a refresh token belongs to, and the time.
func (s *authService) refreshable(ctx context.Context, keyID string, sid SessionID, n int64) (Session, time.Time, error) {
	session, err := s.Store.Sessions().ByID(ctx, sid)
	if errors.Is(err, ErrSessionNotFound) {
		return Session{}, time.Time{}, badRefresh("its session has ended")
	} else if err != nil {
		return Session{}, time.Time{}, fmt.Errorf("look up a session: %w", err)
	}
	// After the session, so that it is not before a refresh that the session tells of.
	now, err := s.Store.Now(ctx)
	switch {
	case err != nil:
		return Session{}, time.Time{}, fmt.Errorf("refresh a session: %w", err)
	case session.ExpiresAt.Sub(now) < minTokenLife:
		return Session{}, time.Time{}, badRefresh("its session has expired")
	case keyID != session.RefreshKeyID:
		return Session{}, time.Time{}, badRefresh("it was made with another key than its session's")
	case n > session.RefreshCount:
		return Session{}, time.Time{}, badRefresh("its session does not know of it yet")
	}
	return session, now, nil
}

// step returns what a session becomes by its nth refresh token: refreshed by the newest one, unchanged by the one before it
// within [RefreshGrace], which is written all the same, so that no failover undoes what is acknowledged here. With any other
// token it tells that there is no such step.
func (o AuthOptions) step(session Session, n int64, now time.Time) (next Session, ok bool) {
	switch n {
	case session.RefreshCount:
		session.RefreshCount, session.RefreshedAt, session.ExpiresAt = n+1, now, o.lives(session.CreatedAt, now)
		return session, true
	case session.RefreshCount - 1:
		return session, now.Sub(session.RefreshedAt) <= RefreshGrace
	}
	return session, false
}

// refuseReused ends a session one of whose refresh tokens two parties have, and returns [ErrBadRefreshToken].
func (s *authService) refuseReused(ctx context.Context, session Session) error {
	s.Events.Record(ctx, SecurityEvent{Name: EventRefreshReused, UserID: session.UserID, SessionID: session.ID})
	if _, err := s.sessions.endThese(ctx, session.UserID, session.ID); err != nil {
		return err
	}
	return badRefresh("it was used before, and its session ends")
}

func badRefresh(reason string) error { return fmt.Errorf("%w: %s", ErrBadRefreshToken, reason) }
