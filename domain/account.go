package domain

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Registration is the input of a sign-up.
type Registration struct {
	Email    string
	Password Password
	Client   Client
}

// CheckRegistration implements [AuthService].
func (s *Auth) CheckRegistration(in Registration) []FieldError {
	email, ok := ParseEmail(in.Email)
	var bad []FieldError
	if !ok {
		bad = append(bad, badEmail)
	}
	return append(bad, checkNewPassword("password", in.Password, email, s.options.MinPassword)...)
}

var badEmail = FieldError{"email", "format", "must be an e-mail address"}

// Register implements [AuthService].
func (s *Auth) Register(ctx context.Context, in Registration) (User, error) {
	if err := Invalid(s.CheckRegistration(in)...); err != nil {
		return User{}, err
	}
	if err := s.countSignUp(ctx, in.Client); err != nil {
		return User{}, err
	}
	email, _ := ParseEmail(in.Email)
	// The unique key of the store decides. Asking first avoids needless hashing.
	if _, err := s.options.Store.Users().Credential(ctx, email); !errors.Is(err, ErrUserNotFound) {
		if err == nil {
			err = ErrEmailTaken
		}
		return User{}, err
	}
	hash, err := s.options.Hasher.Hash(ctx, in.Client.Network(), in.Password)
	if err != nil {
		return User{}, fmt.Errorf("hash the new password: %w", err)
	}
	return s.createAccount(ctx, NewUser{Email: email, PasswordHash: hash, CreatedAt: s.options.Clock.Now()}, in.Client)
}

// createAccount adds a user and a mail that confirms the address. It leaves the mail out if too many were sent to the address.
func (s *Auth) createAccount(ctx context.Context, u NewUser, client Client) (user User, err error) {
	send, err := s.mayMail(ctx, MailConfirm, User{Email: u.Email}, client.Network())
	if err != nil {
		return User{}, err
	}
	err = s.sessions.inTx(ctx, func(tx Repositories, now time.Time) (err error) {
		if user, err = tx.Users().Insert(ctx, u); err != nil || !send {
			return err
		}
		return addLink(ctx, tx, confirmation(user), now)
	})
	if err != nil {
		return User{}, err
	}
	return user, nil
}

// ReauthenticationAge is how long after a login its session may delete the account.
const ReauthenticationAge = 10 * time.Minute

// DeleteAccount implements [AuthService].
func (s *Auth) DeleteAccount(ctx context.Context, caller Caller) error {
	user, err := s.prepareDeletion(ctx, caller)
	if err != nil {
		return badCaller(err)
	}
	notify, err := s.mayNotify(ctx, user, "")
	if err != nil {
		return err
	}
	_, err = s.sessions.end(ctx, caller.UserID, func(tx Repositories, now time.Time) ([]SessionID, error) {
		if err := requireRecentPassword(ctx, tx, caller, now); err != nil {
			return nil, err
		}
		return revokeAccess(ctx, tx, caller.UserID, "", now, func(owner User) error {
			user = owner
			if err := addNotice(ctx, tx, notify, MailAccountDeleted, owner, now); err != nil {
				return err
			}
			return tx.Users().Delete(ctx, owner.ID, now)
		})
	})
	if err != nil {
		return badCaller(err)
	}
	// A concurrent login may have been counted again. An error is ignored, because the account is already deleted.
	_ = s.guard.Forget(context.WithoutCancel(ctx), user.Email.Key())
	s.options.Events.Record(ctx, SecurityEvent{Name: EventAccountDeleted, UserID: caller.UserID, SessionID: caller.SessionID})
	return nil
}

// prepareDeletion deletes the throttles of the caller's account, which cannot be found after the account is deleted. It checks
// first that the caller may delete the account: otherwise a stolen token could reset the count of guesses.
func (s *Auth) prepareDeletion(ctx context.Context, caller Caller) (User, error) {
	now, err := s.options.Store.Now(ctx)
	if err != nil {
		return User{}, fmt.Errorf("delete an account: %w", err)
	}
	if err := requireRecentPassword(ctx, s.options.Store, caller, now); err != nil {
		return User{}, err
	}
	user, err := s.options.Store.Users().ByID(ctx, caller.UserID)
	if err != nil {
		return User{}, err
	}
	return user, s.guard.Forget(ctx, user.Email.Key())
}

// requireRecentPassword returns [ErrReauthentication] if the caller's session is older than [ReauthenticationAge], and
// [ErrBadToken] if it is not live.
func requireRecentPassword(ctx context.Context, r Repositories, caller Caller, now time.Time) error {
	session, err := ownSession(ctx, r, caller, now)
	if err != nil {
		return err
	}
	if now.Sub(session.CreatedAt).Abs() > ReauthenticationAge { // the store's clock may have been set back
		return ErrReauthentication
	}
	return nil
}
