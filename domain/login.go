package domain

import (
	"context"
	"errors"
	"fmt"
)

func (s *authService) Login(ctx context.Context, in Credentials) (Tokens, error) {
	if err := Invalid(checkLoginPassword("password", in.Password)...); err != nil {
		return Tokens{}, err
	}
	var (
		session Session
		epoch   Epoch
	)
	err := s.tryPassword(ctx, in.Email, in.Client, func() (err error) {
		session, epoch, err = s.open(ctx, in)
		return err
	})
	if err != nil {
		s.recordRefusal(ctx, err, func() SecurityEvent { return SecurityEvent{UserID: s.ownerOf(ctx, in.Email)} })
		return Tokens{}, err
	}
	s.Events.Record(ctx, SecurityEvent{Name: EventLoginSucceeded, UserID: session.UserID, SessionID: session.ID})
	if err := s.endSurplus(ctx, session); err != nil {
		return Tokens{}, err
	}
	return s.issue(ctx, session, epoch, session.CreatedAt)
}

// open opens a session if the credentials are right and stay so meanwhile, else it returns [ErrInvalidCredentials].
func (s *authService) open(ctx context.Context, in Credentials) (Session, Epoch, error) {
	session, epoch, err := s.openOnce(ctx, in)
	if errors.Is(err, ErrPasswordChanged) {
		// A login beside this one may have upgraded a stale hash, which leaves the password as it was: look once more.
		session, epoch, err = s.openOnce(ctx, in)
	}
	if errors.Is(err, ErrPasswordChanged) {
		err = ErrInvalidCredentials
	}
	return session, epoch, err
}

// openOnce is open, but returns [ErrPasswordChanged] for credentials that did not stay right.
func (s *authService) openOnce(ctx context.Context, in Credentials) (Session, Epoch, error) {
	known, err := s.verifyLogin(ctx, in)
	if err != nil {
		return Session{}, Epoch{}, err
	}
	now, err := s.Store.Now(ctx)
	if err != nil {
		return Session{}, Epoch{}, fmt.Errorf("open a session: %w", err)
	}
	created := NewSession{
		ID: NewSessionID(), UserID: known.UserID, PasswordHash: known.PasswordHash, CreatedAt: now, Client: in.Client,
		RefreshKeyID: s.AuthOptions.Refresh.RefreshKeyID(), ExpiresAt: s.lives(now, now),
	}
	var epoch Epoch
	err = s.Store.InTx(ctx, func(tx Repositories) (err error) {
		if epoch, err = tx.Epoch(ctx); err != nil {
			return err
		}
		return tx.Sessions().Insert(ctx, created)
	})
	if err != nil {
		return Session{}, Epoch{}, fmt.Errorf("open a session: %w", err)
	}
	return Session{
		ID: created.ID, UserID: created.UserID, CreatedAt: now, RefreshedAt: now, RefreshKeyID: created.RefreshKeyID, ExpiresAt: created.ExpiresAt,
	}, epoch, nil
}

// endSurplus ends the oldest of a user's sessions beyond [MaxSessions], now that this one was opened.
func (s *authService) endSurplus(ctx context.Context, opened Session) error {
	// Each of many logins at once ends what they all have opened too many, so that one round is enough.
	live, err := s.Store.Sessions().Live(ctx, opened.UserID, opened.CreatedAt, 2*MaxSessions)
	if err != nil {
		return fmt.Errorf("look for the oldest sessions: %w", err)
	}
	if len(live) <= MaxSessions {
		return nil
	}
	var surplus []SessionID
	for _, session := range live[MaxSessions:] {
		surplus = append(surplus, session.ID)
	}
	_, err = s.sessions.endThese(ctx, opened.UserID, surplus...)
	return err
}

// ownerOf returns whose account an address is, for the log alone: 0 if it is nobody's, or that cannot be told.
func (s *authService) ownerOf(ctx context.Context, address string) UserID {
	email, ok := ParseEmail(address)
	if !ok {
		return 0
	}
	known, _ := s.Store.Users().Credential(ctx, email) // zero with any error
	return known.UserID
}

// recordRefusal records that a password was not taken, or not even tried.
func (s *authService) recordRefusal(ctx context.Context, err error, of func() SecurityEvent) {
	var name SecurityEventName
	switch {
	case errors.Is(err, ErrInvalidCredentials):
		name = EventLoginFailed
	case errors.Is(err, ErrTooMany):
		name = EventLoginThrottled
	default:
		return
	}
	event := of()
	event.Name = name
	s.Events.Record(ctx, event)
}
