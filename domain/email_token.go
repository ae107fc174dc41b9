package domain

import (
	"context"
	"time"
)

// EmailTokenLife is how long the link in a mail is valid, from the moment that the mail is sent.
const EmailTokenLife = 30 * time.Minute

// emailTokenKept is how long an expired token is kept. If an attempt to send its mail failed, the next attempt makes the
// token valid again. When many mails wait, that may take long.
const emailTokenKept = mailLife

// EmailToken is the permission that a link in a mail grants, once. Its text is derived from ID and a key that is not in the
// store (see [EmailTokens]). There is one per kind and subject: a new one replaces, and so voids, the one before.
type EmailToken struct {
	ID           string    // random, at least 128 bits
	Kind         MailKind  // MailReset, MailConfirm, MailSignUp or MailChange
	Subject      string    // the key of the address for MailReset and MailSignUp, else the user's ID
	UserID       UserID    // for MailConfirm and MailChange
	Email        Email     // the address that the mail goes to
	PasswordHash string    // for MailSignUp: of the account to create
	SessionID    SessionID // for MailChange: the session that asked, which does not end
	ExpiresAt    time.Time // by the store's clock
}

// EmailTokenRepository stores the tokens of mails.
type EmailTokenRepository interface {
	// Put adds a token and removes the one of the same kind and subject.
	Put(ctx context.Context, t EmailToken) error

	// Find returns a token that expires after now, or [ErrBadEmailToken].
	Find(ctx context.Context, kind MailKind, id string, now time.Time) (EmailToken, error)

	// Extend sets when a token expires, and reports whether it still exists.
	Extend(ctx context.Context, id string, expires time.Time) (bool, error)

	// Take removes and returns a token that expires after now. It removes in one statement: of two calls one succeeds. It
	// returns [ErrBadEmailToken] if there is none.
	Take(ctx context.Context, kind MailKind, id string, now time.Time) (EmailToken, error)

	// DeleteOfUser deletes all tokens that name the user or one of the addresses of the user.
	DeleteOfUser(ctx context.Context, user UserID, email Email) error

	// DeleteExpired deletes at most limit tokens that expired at or before now, and returns how many.
	DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error)
}

// EmailTokens makes and reads the text of e-mail tokens: 256 bits that cannot be guessed without the key.
type EmailTokens interface {
	// MintEmailToken returns the text of a token.
	MintEmailToken(kind MailKind, id string) (string, error)

	// ParseEmailToken returns the kind and ID that MintEmailToken was given, or [ErrBadEmailToken] for any other text. A
	// valid text says nothing about whether the token still exists.
	ParseEmailToken(text string) (MailKind, string, error)
}

// ErrBadEmailToken is returned for every token that is not valid: malformed, unknown, used, replaced, or expired.
var ErrBadEmailToken = &Error{Kind: ErrForbidden, Code: "invalid_email_token", Message: "The link is not valid any more. Ask for a new mail."}
