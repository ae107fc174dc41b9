package domain

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"example.com/postern/domain/throttle"
)

// maxMailDelay is how long a mail may wait in the outbox before its token expires unsent. The token's life begins when the
// mail is sent: until then nobody knows its text.
const maxMailDelay = 48 * time.Hour

// Emails implements [EmailService].
type Emails struct {
	auth    *Auth
	options AuthOptions // of auth
	tokens  EmailTokens
	link    *url.URL
}

var _ EmailService = (*Emails)(nil)

// NewEmails returns a service that shares the store, the rules and the limits of auth. The links in mails go to pages below
// link, such as https://example.com/account/reset#token=TOKEN. What follows the # is not sent to any server.
func NewEmails(auth *Auth, tokens EmailTokens, link *url.URL) *Emails {
	return &Emails{auth: auth, options: auth.options, tokens: tokens, link: link}
}

const tooManyMails = "Too many mails were requested. Try again later."

// countRequest counts a mail that a client asks for, or returns [ErrMailBacklog] or an error of kind [ErrTooMany].
func (s *Emails) countRequest(ctx context.Context, kind MailKind, email Email, client Client) error {
	if err := s.options.Backlog.Check(); err != nil {
		return err
	}
	err := s.auth.guard.CountMailRequest(ctx, string(kind), email.Key(), string(client.Network()))
	return limitError(err, tooManyMails)
}

// request stores a token and the mail with its link.
func (s *Emails) request(ctx context.Context, t EmailToken) error {
	return s.auth.sessions.inTx(ctx, func(tx Repositories, now time.Time) error { return addLink(ctx, tx, t, now) })
}

// find returns the token with a text, or [ErrBadEmailToken] if it is not valid or its kind is none of those given. The
// transaction that uses the token takes it.
func (s *Emails) find(ctx context.Context, text string, kinds ...MailKind) (EmailToken, error) {
	kind, id, err := s.tokens.ParseEmailToken(text)
	if err != nil {
		return EmailToken{}, err
	}
	if !slices.Contains(kinds, kind) {
		return EmailToken{}, ErrBadEmailToken
	}
	now, err := s.options.Store.Now(ctx)
	if err != nil {
		return EmailToken{}, fmt.Errorf("look up an e-mail token: %w", err)
	}
	return s.options.Store.EmailTokens().Find(ctx, kind, id, now)
}

// addLink stores a token, which needs no ID, and the mail with its link.
func addLink(ctx context.Context, tx Repositories, t EmailToken, now time.Time) error {
	t.ID, t.ExpiresAt = rand.Text(), now.Add(maxMailDelay)
	if err := tx.EmailTokens().Put(ctx, t); err != nil {
		return fmt.Errorf("store an e-mail token: %w", err)
	}
	item := OutboxItem{ID: NewOutboxID(), Kind: t.Kind, UserID: t.UserID, Email: t.Email, TokenID: t.ID, CreatedAt: now}
	if err := tx.Outbox().Add(ctx, item); err != nil {
		return fmt.Errorf("add a mail to the outbox: %w", err)
	}
	return nil
}

// addNotice stores a mail without a link if it may be sent (see [Auth.mayNotify]).
func addNotice(ctx context.Context, tx Repositories, may bool, kind MailKind, user User, now time.Time) error {
	if !may {
		return nil
	}
	item := OutboxItem{ID: NewOutboxID(), Kind: kind, UserID: user.ID, Email: user.Email, CreatedAt: now}
	if err := tx.Outbox().Add(ctx, item); err != nil {
		return fmt.Errorf("add a notice to the outbox: %w", err)
	}
	return nil
}

// mayMail reports whether a mail that the user did not ask for may be sent. It may not if too many mails wait. The request
// that causes the mail succeeds all the same.
func (s *Auth) mayMail(ctx context.Context, kind MailKind, user User, from Network) (bool, error) {
	if s.options.Backlog.Check() != nil {
		return false, nil
	}
	return s.isBelowLimit(ctx, kind, user, from)
}

// isBelowLimit counts a mail that the user did not ask for, and reports whether it may be sent. Only mails to an address
// that nobody has confirmed are limited, because it may belong to a stranger.
func (s *Auth) isBelowLimit(ctx context.Context, kind MailKind, user User, from Network) (bool, error) {
	if user.EmailVerifiedAt != nil {
		return true, nil
	}
	err := s.guard.CountMail(ctx, string(kind), user.Email.Key(), string(from))
	if _, ok := errors.AsType[*throttle.LimitError](err); ok {
		return false, nil
	}
	return err == nil, limitError(err, "")
}

// anyNotice is the kind under which all notices are counted: they share one limit. Confirmations have a limit of their own.
// Otherwise a thief could ask for so many that the owner would get no notice.
const anyNotice MailKind = "notice"

// mayNotify is like mayMail for a notice. Notices can be switched off.
func (s *Auth) mayNotify(ctx context.Context, user User, from Network) (bool, error) {
	if !s.options.Notices {
		return false, nil
	}
	return s.mayMail(ctx, anyNotice, user, from)
}

// goneToken returns [ErrBadEmailToken] if err says that the token's account is gone, and otherwise err.
func goneToken(err error) error {
	if errors.Is(err, ErrUserNotFound) {
		return ErrBadEmailToken
	}
	return err
}
