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
	token, err := s.find(ctx, in.Token, MailReset)
	if err != nil {
		return err
	}
	known, err := s.options.Store.Users().Credential(ctx, token.Email)
	if err != nil {
		return goneToken(err)
	}
	if err := Invalid(checkNewPassword("new_password", in.New, token.Email, s.options.MinPassword)...); err != nil {
		return err
	}
	fresh, err := s.options.Hasher.Hash(ctx, in.Client.Network(), in.New)
	if err != nil {
		return fmt.Errorf("hash the new password: %w", err)
	}
	_, err = s.auth.sessions.end(ctx, known.UserID, func(tx Repositories, now time.Time) ([]SessionID, error) {
		return s.reset(ctx, tx, token, known.UserID, fresh, now)
	})
	if err != nil {
		return goneToken(err)
	}
	// The owner of the address has shown who they are. An error is ignored, because the password is already set.
	_ = s.auth.guard.Forget(context.WithoutCancel(ctx), token.Email.Key())
	s.options.Events.Record(ctx, SecurityEvent{Name: EventPasswordReset, UserID: known.UserID})
	return nil
}

// reset takes a token, sets a password hash and confirms the address. It returns the sessions that it ended: all of them.
func (s *Emails) reset(
	ctx context.Context, tx Repositories, token EmailToken, owner UserID, hash string, now time.Time,
) ([]SessionID, error) {
	if _, err := tx.EmailTokens().Take(ctx, token.Kind, token.ID, now); err != nil {
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
