package domain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/postern/domain/mailtext"
)

// Compose returns the mail of an item, or nil if no mail is needed any more. It looks the account up: the request that caused the
// mail did not, so that its time tells nothing. The link becomes valid for [EmailTokenLife] now.
func (s *Emails) Compose(ctx context.Context, item OutboxItem) (*Mail, error) {
	if item.TokenID == "" {
		return s.render(item, string(item.Kind), item.Email, "")
	}
	user, err := s.addressee(ctx, item)
	if err != nil {
		return nil, err
	}
	switch item.Kind {
	case MailReset:
		if user.ID == 0 {
			return nil, s.drop(ctx, item)
		}
		return s.composeLink(ctx, item, user.Email)
	case MailConfirm:
		if user.ID != item.UserID || user.EmailVerifiedAt != nil {
			return nil, s.drop(ctx, item)
		}
	case MailSignUp, MailChange:
		if user.ID != 0 && user.ID != item.UserID {
			return s.composeTaken(ctx, item, user)
		}
	}
	return s.composeLink(ctx, item, item.Email)
}

// addressee returns the user who has the address of an item now, or a user without an ID. A mail goes to the address as that user wrote
// it, not as the request did: some mail servers tell upper and lower case apart.
func (s *Emails) addressee(ctx context.Context, item OutboxItem) (User, error) {
	known, err := s.options.Store.Users().Credential(ctx, item.Email)
	if errors.Is(err, ErrUserNotFound) {
		return User{}, nil
	}
	if err != nil {
		return User{}, fmt.Errorf("look up the addressee of a mail: %w", err)
	}
	user, err := s.options.Store.Users().ByID(ctx, known.UserID)
	if errors.Is(err, ErrUserNotFound) {
		return User{}, nil
	}
	return user, err
}

// composeLink returns a mail with a link, or nil if its token was used or replaced.
func (s *Emails) composeLink(ctx context.Context, item OutboxItem, to Email) (*Mail, error) {
	exists, err := s.extend(ctx, item, EmailTokenLife)
	if err != nil || !exists {
		return nil, err
	}
	token, err := s.tokens.MintEmailToken(item.Kind, item.TokenID)
	if err != nil {
		return nil, fmt.Errorf("mint an e-mail token: %w", err)
	}
	page := "confirm"
	if item.Kind == MailReset {
		page = "reset"
	}
	return s.render(item, string(item.Kind), to, s.link.JoinPath(page).String()+"#token="+token)
}

// composeTaken returns a notice to the user who has the address already, or nil if the token was replaced. Nobody learns the text
// of the token.
func (s *Emails) composeTaken(ctx context.Context, item OutboxItem, user User) (*Mail, error) {
	exists, err := s.extend(ctx, item, EmailTokenLife)
	if err != nil || !exists {
		return nil, err
	}
	return s.render(item, string(item.Kind)+"_taken", user.Email, "")
}

// drop makes the token of a mail that is not sent expire so long ago that the address that somebody typed is deleted soon.
func (s *Emails) drop(ctx context.Context, item OutboxItem) error {
	_, err := s.extend(ctx, item, -emailTokenKept)
	return err
}

// extend makes the token of an item expire after a time, and reports whether it still exists.
func (s *Emails) extend(ctx context.Context, item OutboxItem, life time.Duration) (bool, error) {
	now, err := s.options.Store.Now(ctx)
	if err != nil {
		return false, fmt.Errorf("compose a mail: %w", err)
	}
	exists, err := s.options.Store.EmailTokens().Extend(ctx, item.TokenID, now.Add(life))
	if err != nil {
		return false, fmt.Errorf("compose a mail: %w", err)
	}
	return exists, nil
}

func (s *Emails) render(item OutboxItem, name string, to Email, link string) (*Mail, error) {
	mail, err := mailtext.Render(name, mailtext.Data{Host: s.link.Host, Link: link, Life: EmailTokenLife, At: item.CreatedAt})
	if err != nil {
		return nil, fmt.Errorf("compose a mail: %w", err)
	}
	return &Mail{ID: item.ID, To: to, Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML}, nil
}
