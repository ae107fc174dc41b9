package domain

import (
	"context"
	"time"
)

// ChangeEmail implements [EmailService]. It does not look the new address up; [Emails.Compose] does so when the mail is sent.
func (s *Emails) ChangeEmail(ctx context.Context, caller Caller, in EmailChange) error {
	email, ok := ParseEmail(in.Email)
	bad := checkLoginPassword("current_password", in.Current)
	if !ok {
		bad = append(bad, badEmail)
	}
	if err := Invalid(bad...); err != nil {
		return err
	}
	err := s.auth.withPassword(ctx, caller, func() error { return s.requestChange(ctx, caller, email, in) })
	if err == nil {
		s.options.Events.Record(ctx, SecurityEvent{Name: EventEmailChangeRequested, UserID: caller.UserID, SessionID: caller.SessionID})
	}
	return err
}

// requestChange checks the password and stores the two mails. It returns [ErrPasswordChanged] if the stored hash is no longer
// the verified one.
func (s *Emails) requestChange(ctx context.Context, caller Caller, email Email, in EmailChange) error {
	user, err := s.options.Store.Users().ByID(ctx, caller.UserID)
	if err != nil {
		return badCaller(err)
	}
	known, err := s.auth.verifyCaller(ctx, caller, user.Email, in.Client, in.Current)
	if err != nil {
		return err
	}
	if err := s.countRequest(ctx, MailChange, email, in.Client); err != nil {
		return err
	}
	notify, err := s.auth.mayNotify(ctx, user, in.Client.Network())
	if err != nil {
		return err
	}
	return s.auth.sessions.inTx(ctx, func(tx Repositories, now time.Time) error {
		if _, err := ownSession(ctx, tx, caller, now); err != nil {
			return err
		}
		err := addLink(ctx, tx, EmailToken{
			Kind: MailChange, Subject: userSubject(user.ID), UserID: user.ID, Email: email, SessionID: caller.SessionID,
		}, now)
		if err != nil {
			return err
		}
		if err := addNotice(ctx, tx, notify, MailChangeRequested, user, now); err != nil {
			return err
		}
		// Because of this write, a concurrent change of password cannot miss what this transaction adds. It comes last
		// because of the order of locks (see revokeAccess).
		return replaceHash(ctx, tx, user.ID, known.PasswordHash, known.PasswordHash)
	})
}

// completeChange changes the address and ends all sessions but the one that asked for it.
func (s *Emails) completeChange(ctx context.Context, token EmailToken, client Client) error {
	former, err := s.options.Store.Users().ByID(ctx, token.UserID)
	if err != nil {
		return goneToken(err)
	}
	// The backlog was checked when the change was requested. Now the owner of a confirmed address must be told.
	notify, err := s.auth.isBelowLimit(ctx, anyNotice, former, client.Network())
	if err != nil {
		return err
	}
	_, err = s.auth.sessions.end(ctx, token.UserID, func(tx Repositories, now time.Time) ([]SessionID, error) {
		if _, err := tx.EmailTokens().Take(ctx, token.Kind, token.ID, now); err != nil {
			return nil, err
		}
		return revokeAccess(ctx, tx, token.UserID, token.SessionID, now, func(owner User) error {
			former = owner
			if err := tx.Users().ChangeEmail(ctx, owner.ID, token.Email, now); err != nil {
				return err
			}
			return addNotice(ctx, tx, notify && s.options.Notices, MailEmailChanged, owner, now)
		})
	})
	if err != nil {
		return goneToken(err)
	}
	// An error is ignored, because the address is already changed.
	_ = s.auth.guard.Forget(context.WithoutCancel(ctx), former.Email.Key())
	s.options.Events.Record(ctx, SecurityEvent{Name: EventEmailChanged, UserID: token.UserID, SessionID: token.SessionID})
	return nil
}
