package domain

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// RequestAccount implements [EmailService]. It does not look the address up; [Emails.Compose] does so when the mail is sent.
func (s *Emails) RequestAccount(ctx context.Context, in Registration) error {
	if err := Invalid(s.auth.CheckRegistration(in)...); err != nil {
		return err
	}
	if err := s.auth.countSignUp(ctx, in.Client); err != nil {
		return err
	}
	email, _ := ParseEmail(in.Email)
	if err := s.countRequest(ctx, MailSignUp, email, in.Client); err != nil {
		return err
	}
	hash, err := s.options.Hasher.Hash(ctx, in.Client.Network(), in.Password)
	if err != nil {
		return fmt.Errorf("hash the new password: %w", err)
	}
	return s.request(ctx, EmailToken{Kind: MailSignUp, Subject: email.Key(), Email: email, PasswordHash: hash})
}

// RequestConfirmation implements [EmailService].
func (s *Emails) RequestConfirmation(ctx context.Context, caller Caller, client Client) error {
	user, err := s.options.Store.Users().ByID(ctx, caller.UserID)
	if err != nil {
		return badCaller(err)
	}
	if user.EmailVerifiedAt != nil {
		return nil
	}
	if err := s.options.Backlog.Check(); err != nil {
		return err
	}
	if err := s.auth.guard.CountMail(ctx, string(MailConfirm), user.Email.Key(), string(client.Network())); err != nil {
		return limitError(err, tooManyMails)
	}
	return s.request(ctx, confirmation(user))
}

// confirmation returns a token that confirms a user's present address.
func confirmation(user User) EmailToken {
	return EmailToken{Kind: MailConfirm, Subject: userSubject(user.ID), UserID: user.ID, Email: user.Email}
}

// userSubject returns the subject of a token that concerns a user. It differs from the key of every address.
func userSubject(id UserID) string { return strconv.FormatInt(int64(id), 10) }

// CompleteVerification implements [EmailService].
func (s *Emails) CompleteVerification(ctx context.Context, text string, client Client) error {
	token, err := s.find(ctx, text, MailConfirm, MailSignUp, MailChange)
	if err != nil {
		return err
	}
	if token.Kind == MailChange {
		return s.completeChange(ctx, token, client)
	}
	var user UserID
	err = s.auth.sessions.inTx(ctx, func(tx Repositories, now time.Time) (err error) {
		if _, err = tx.EmailTokens().Take(ctx, token.Kind, token.ID, now); err != nil {
			return err
		}
		user, err = verify(ctx, tx, token, now)
		return err
	})
	if err == nil {
		s.options.Events.Record(ctx, SecurityEvent{Name: EventEmailConfirmed, UserID: user})
	}
	return err
}

// verify creates the account of a sign-up, or confirms the address of an account.
func verify(ctx context.Context, tx Repositories, token EmailToken, now time.Time) (UserID, error) {
	if token.Kind == MailSignUp {
		user, err := tx.Users().Insert(ctx, NewUser{
			Email: token.Email, PasswordHash: token.PasswordHash, CreatedAt: now, EmailVerifiedAt: &now,
		})
		return user.ID, err
	}
	return token.UserID, confirmEmail(ctx, tx, token.UserID, token.Email, now)
}

// confirmEmail records that a user has confirmed an address, or returns [ErrBadEmailToken] if the user no longer has it.
func confirmEmail(ctx context.Context, tx Repositories, user UserID, email Email, now time.Time) error {
	verified, err := tx.Users().VerifyEmail(ctx, user, email, now)
	if err != nil {
		return fmt.Errorf("confirm an address: %w", err)
	}
	if !verified {
		return ErrBadEmailToken
	}
	return nil
}
