package domain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/postern/domain/revocation"
)

// SessionService lets users see and end their sessions.
type SessionService interface {
	// List returns the caller's live sessions, newest first, at most [MaxSessions].
	List(ctx context.Context, caller Caller) ([]Session, error)

	// End ends one of the caller's sessions, or returns [ErrSessionNotFound].
	End(ctx context.Context, caller Caller, id SessionID) error

	// EndOthers ends all of the caller's sessions except the calling one.
	EndOthers(ctx context.Context, caller Caller) error

	// LogOut ends the session of a refresh token. An unknown or expired token is not an error: logging out twice succeeds (RFC
	// 7009, section 2.2).
	LogOut(ctx context.Context, refresh string) error
}

// Sessions implements [SessionService] on a [Store].
type Sessions struct {
	sessionEnder
	refresh RefreshTokens
}

// NewSessions returns a service on the store.
func NewSessions(store Store, clock Clock, refresh RefreshTokens, list *revocation.List, events SecurityLog) *Sessions {
	return &Sessions{sessionEnder{timedStore{store, clock}, list, events}, refresh}
}

// List implements [SessionService].
func (s *Sessions) List(ctx context.Context, caller Caller) ([]Session, error) {
	now, err := s.store.Now(ctx)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return s.store.Sessions().Live(ctx, caller.UserID, now, MaxSessions)
}

// End implements [SessionService].
func (s *Sessions) End(ctx context.Context, caller Caller, id SessionID) error {
	ended, err := s.endThese(ctx, caller.UserID, id)
	if err == nil && len(ended) == 0 {
		return ErrSessionNotFound
	}
	return err
}

// EndOthers implements [SessionService].
func (s *Sessions) EndOthers(ctx context.Context, caller Caller) error {
	_, err := s.end(ctx, caller.UserID, func(tx Repositories, now time.Time) ([]SessionID, error) {
		return tx.Sessions().EndAll(ctx, caller.UserID, caller.SessionID, now)
	})
	return err
}

// LogOut implements [SessionService].
func (s *Sessions) LogOut(ctx context.Context, refresh string) error {
	token, err := s.refresh.ParseRefresh(refresh)
	if err != nil {
		return nil
	}
	session, err := s.store.Sessions().ByID(ctx, token.SessionID)
	if errors.Is(err, ErrSessionNotFound) || err == nil && session.RefreshKeyID != token.KeyID {
		return nil
	} else if err != nil {
		return fmt.Errorf("look up a session: %w", err)
	}
	_, err = s.endThese(ctx, session.UserID, session.ID)
	return err
}
