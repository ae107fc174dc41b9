package domain

import (
	"context"
	"fmt"
	"time"
)

// RequestReset implements [EmailService]. It does not look the account up; [Emails.Compose] does so when the mail is sent.
func (s *Emails) RequestReset(ctx context.Context, in ResetRequest) error {
	email, ok := ParseEmail(in.Email)
	if !ok {
		return Invalid(badEmail)
	}
	if err := s.countRequest(ctx, MailReset, email, in.Client); err != nil {
		return err
	}
	if err := s.request(ctx, EmailToken{Kind: MailReset, Subject: email.Key(), Email: email}); err != nil {
		return err
	}
	s.options.Events.Record(ctx, SecurityEvent{Name: EventResetRequested})
	return nil
}

// CompleteReset implements [EmailService]. It hashes only for a token that exists: forged tokens cost no more than a hash of a
// few bytes.
func (s *Emails) CompleteReset(ctx context.Context, in ResetCompletion) error {
	_, id, err := s.parse(in.Token, MailReset)
	if err != nil {
		return err
	}
	email, user, err := s.resetting(ctx, id)
	if err != nil {
		return err
	}
	if err := Invalid(checkNewPassword("new_password", in.New, email, s.options.MinPassword)...); err != nil {
		return err
	}
	fresh, err := s.options.Hasher.Hash(ctx, in.Client.Network(), in.New)
	if err != nil {
		return fmt.Errorf("hash the new password: %w", err)
	}
	_, err = s.auth.sessions.end(ctx, user, func(tx Repositories, now time.Time) ([]SessionID, error) {
		return s.reset(ctx, tx, id, user, fresh, now)
	})
	if err != nil {
		return goneToken(err)
	}
	// The owner of the address has shown who they are. An error is ignored, because the password is already set.
	_ = s.auth.guard.Forget(context.WithoutCancel(ctx), email.Key())
	s.options.Events.Record(ctx, SecurityEvent{Name: EventPasswordReset, UserID: user})
	return nil
}

// resetting returns the address of a reset token and the user who has it.
func (s *Emails) resetting(ctx context.Context, id string) (Email, UserID, error) {
	now, err := s.options.Store.Now(ctx)
	if err != nil {
		return "", 0, fmt.Errorf("reset a password: %w", err)
	}
	token, err := s.options.Store.EmailTokens().Find(ctx, MailReset, id, now)
	if err != nil {
		return "", 0, err
	}
	known, err := s.options.Store.Users().Credential(ctx, token.Email)
	return token.Email, known.UserID, goneToken(err)
}

// reset takes a token, sets a password hash and confirms the address. It returns the sessions that it ended: all of them.
func (s *Emails) reset(ctx context.Context, tx Repositories, id string, owner UserID, hash string, now time.Time) ([]SessionID, error) {
	token, err := tx.EmailTokens().Take(ctx, MailReset, id, now)
	if err != nil {
		return nil, err
	}
	return revokeAccess(ctx, tx, owner, "", now, func(user User) error {
		if err := setHash(ctx, tx, owner, hash); err != nil {
			return err
		}
		if err := confirmEmail(ctx, tx, owner, token.Email, now); err != nil {
			return err
		}
		return addNotice(ctx, tx, s.options.Notices, MailPasswordChanged, user, now)
	})
}
