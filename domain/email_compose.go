package domain

import (
	"context"
	"errors"
	"fmt"

	"example.com/postern/domain/mailtext"
)

// Compose returns the mail of an item, or nil if no mail is needed any more. Only Compose looks the account up. The request
// that caused the mail does not, so its duration does not reveal whether the address has an account. The link becomes valid
// now, for [EmailTokenLife].
func (s *Emails) Compose(ctx context.Context, item OutboxItem) (*Mail, error) {
	if item.TokenID == "" {
		return s.render(item, string(item.Kind), item.Email, "")
	}
	user, err := s.addressee(ctx, item)
	if err != nil {
		return nil, err
	}
	needed, taken := true, false
	switch item.Kind {
	case MailReset:
		needed = user.ID != 0
	case MailConfirm:
		needed = user.ID == item.UserID && user.EmailVerifiedAt == nil
	case MailSignUp, MailChange:
		taken = user.ID != 0 && user.ID != item.UserID
	}
	exists, err := s.extend(ctx, item.TokenID, needed)
	switch {
	case err != nil, !exists, !needed:
		return nil, err
	case taken: // a notice to the user who has the address already: nobody learns the text of the token
		return s.render(item, string(item.Kind)+"_taken", user.Email, "")
	case item.Kind == MailReset:
		return s.renderLink(item, user.Email, "reset")
	}
	return s.renderLink(item, item.Email, "confirm")
}

// addressee returns the user who has the address of an item now, or a user without an ID. Mails go to the address as that user
// wrote it, not as the request did, because some mail servers distinguish upper and lower case.
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

// extend makes the token of a mail valid for [EmailTokenLife], and reports whether it still exists. The token of a mail that
// is not needed expires so long ago that the address that somebody typed is deleted soon.
func (s *Emails) extend(ctx context.Context, id string, needed bool) (bool, error) {
	now, err := s.options.Store.Now(ctx)
	if err != nil {
		return false, fmt.Errorf("compose a mail: %w", err)
	}
	expires := now.Add(EmailTokenLife)
	if !needed {
		expires = now.Add(-emailTokenKept)
	}
	exists, err := s.options.Store.EmailTokens().Extend(ctx, id, expires)
	if err != nil {
		return false, fmt.Errorf("compose a mail: %w", err)
	}
	return exists, nil
}

// renderLink returns a mail with a link to a page.
func (s *Emails) renderLink(item OutboxItem, to Email, page string) (*Mail, error) {
	token, err := s.tokens.MintEmailToken(item.Kind, item.TokenID)
	if err != nil {
		return nil, fmt.Errorf("mint an e-mail token: %w", err)
	}
	return s.render(item, string(item.Kind), to, s.link.JoinPath(page).String()+"#token="+token)
}

func (s *Emails) render(item OutboxItem, name string, to Email, link string) (*Mail, error) {
	mail, err := mailtext.Render(name, mailtext.Data{Host: s.link.Host, Link: link, Life: EmailTokenLife, At: item.CreatedAt})
	if err != nil {
		return nil, fmt.Errorf("compose a mail: %w", err)
	}
	return &Mail{ID: item.ID, To: to, Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML}, nil
}
