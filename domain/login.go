package domain

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Credentials is the input of a login.
type Credentials struct {
	Email    string
	Password Password
	Client   Client
}

// Login implements [AuthService].
func (s *Auth) Login(ctx context.Context, in Credentials) (Tokens, error) {
	if err := Invalid(checkLoginPassword("password", in.Password)...); err != nil {
		return Tokens{}, err
	}
	network := string(in.Client.Network())
	if !s.logins.Acquire(network) { // before tryPassword, which writes to the store
		return Tokens{}, ErrHasherBusy
	}
	defer s.logins.Release(network)
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
	s.options.Events.Record(ctx, SecurityEvent{Name: EventLoginSucceeded, UserID: session.UserID, SessionID: session.ID})
	if err := s.endSurplus(ctx, session); err != nil {
		return Tokens{}, err
	}
	return s.issue(ctx, session, epoch, session.CreatedAt)
}

// open opens a session. It returns [ErrInvalidCredentials] if the credentials are wrong or the password is changed meanwhile, and
// [ErrAccountSuspended] if the account is suspended.
func (s *Auth) open(ctx context.Context, in Credentials) (Session, Epoch, error) {
	session, epoch, err := s.openOnce(ctx, in)
	if errors.Is(err, ErrPasswordChanged) {
		// A concurrent login may have upgraded a stale hash, which does not change the password, or the account may have been
		// suspended: try once more.
		session, epoch, err = s.openOnce(ctx, in)
	}
	if errors.Is(err, ErrPasswordChanged) {
		err = ErrInvalidCredentials
	}
	return session, epoch, err
}

// openOnce is like open, but returns [ErrPasswordChanged] if the password hash is changed meanwhile.
func (s *Auth) openOnce(ctx context.Context, in Credentials) (session Session, epoch Epoch, err error) {
	known, err := s.verifyLogin(ctx, in)
	if err != nil {
		return Session{}, Epoch{}, err
	}
	err = s.sessions.inTx(ctx, func(tx Repositories, now time.Time) (err error) {
		session = Session{
			ID: NewSessionID(), UserID: known.UserID, CreatedAt: now, RefreshedAt: now,
			RefreshKeyID: s.options.Refresh.RefreshKeyID(), ExpiresAt: s.options.sessionExpiry(now, now),
		}
		if epoch, err = tx.Epoch(ctx); err != nil {
			return err
		}
		return tx.Sessions().Insert(ctx, NewSession{
			ID: session.ID, UserID: session.UserID, PasswordHash: known.PasswordHash, CreatedAt: now, Client: in.Client,
			RefreshKeyID: session.RefreshKeyID, ExpiresAt: session.ExpiresAt,
		})
	})
	if err != nil {
		return Session{}, Epoch{}, fmt.Errorf("open a session: %w", err)
	}
	return session, epoch, nil
}

// endSurplus ends the oldest sessions of a user who has more than [MaxSessions] after a login.
func (s *Auth) endSurplus(ctx context.Context, opened Session) error {
	// Concurrent logins each end all surplus sessions, so one round is enough.
	live, err := s.options.Store.Sessions().Live(ctx, opened.UserID, opened.CreatedAt, 2*MaxSessions)
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

// ownerOf returns the user with an address, for the log only. It returns 0 if there is none or the store fails.
func (s *Auth) ownerOf(ctx context.Context, address string) UserID {
	email, ok := ParseEmail(address)
	if !ok {
		return 0
	}
	known, _ := s.options.Store.Users().Credential(ctx, email) // zero with any error
	return known.UserID
}

// recordRefusal records that a password was wrong, was not checked because of a limit, or is the right one of a suspended
// account.
func (s *Auth) recordRefusal(ctx context.Context, err error, newEvent func() SecurityEvent) {
	var name SecurityEventName
	switch {
	case errors.Is(err, ErrInvalidCredentials):
		name = EventLoginFailed
	case errors.Is(err, ErrAccountSuspended):
		name = EventLoginSuspended
	case errors.Is(err, ErrTooMany):
		name = EventLoginThrottled
	default:
		return
	}
	event := newEvent()
	event.Name = name
	s.options.Events.Record(ctx, event)
}

// verifyLogin returns the credential that matches the password, upgraded if it was stale. It returns [ErrInvalidCredentials]
// for a wrong password, and [ErrAccountSuspended] for the right one of a suspended account. Until the password is known to
// be right, the work is the same whether or not the account exists or is suspended.
func (s *Auth) verifyLogin(ctx context.Context, in Credentials) (Credential, error) {
	known, err := Credential{}, error(ErrUserNotFound)
	if email, ok := ParseEmail(in.Email); ok {
		known, err = s.options.Store.Users().Credential(ctx, email)
	}
	if errors.Is(err, ErrUserNotFound) {
		known.PasswordHash = s.dummyHash
	} else if err != nil {
		return Credential{}, err
	}
	stale, err := s.verify(ctx, in.Client.Network(), known, in.Password)
	if err == nil && known.Suspended {
		return Credential{}, ErrAccountSuspended
	}
	if err == nil && stale {
		return s.upgrade(ctx, in.Client.Network(), known, in.Password)
	}
	return known, err
}

// verify checks a password and reports whether its hash is stale. It returns [ErrInvalidCredentials] for a wrong password and
// for a credential without a user.
func (s *Auth) verify(ctx context.Context, from Network, known Credential, p Password) (stale bool, err error) {
	ok, stale, err := s.options.Hasher.Verify(ctx, from, known.PasswordHash, p)
	if err != nil {
		return false, fmt.Errorf("verify a password: %w", err)
	}
	if !ok || known.UserID == 0 {
		return false, ErrInvalidCredentials
	}
	return stale, nil
}

// upgrade replaces a stale hash. If the queue is full, the old hash stays until the next login. If another hash has been stored
// meanwhile, inserting the session will fail.
func (s *Auth) upgrade(ctx context.Context, from Network, known Credential, p Password) (Credential, error) {
	fresh, err := s.options.Hasher.Hash(ctx, from, p)
	if errors.Is(err, ErrBusy) {
		return known, nil
	} else if err != nil {
		return Credential{}, fmt.Errorf("upgrade a password hash: %w", err)
	}
	if _, err := s.options.Store.Users().UpdatePasswordHash(ctx, known.UserID, known.PasswordHash, fresh); err != nil {
		return Credential{}, fmt.Errorf("upgrade a password hash: %w", err)
	}
	known.PasswordHash = fresh
	return known, nil
}
