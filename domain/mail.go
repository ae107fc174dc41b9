package domain

import (
	"context"
	"errors"
	"time"
)

// Mail is a message to one recipient. It is plain text and the same text as HTML.
type Mail struct {
	ID      string // the local part of Message-ID; the same at every attempt, so that receivers recognize a duplicate
	To      Email
	Subject string
	Text    string
	HTML    string
}

// ErrMailRefused is wrapped by the error of a [Mailer] if the server refused the mail for good (RFC 5321, section 4.2.1: 5yz).
var ErrMailRefused = errors.New("the mail server refused the mail for good")

// Mailer sends mail.
type Mailer interface {
	// Send returns nil once a server has accepted the mail. Any error that does not match [ErrMailRefused] is temporary.
	// It returns when ctx ends.
	Send(ctx context.Context, m Mail) error
}

// MailKind says why a mail is sent, and so what it says.
type MailKind string

// Kinds of mail. The first four contain a link with an e-mail token of the same kind; the others are notices.
const (
	MailReset   MailKind = "reset"   // sets a new password
	MailConfirm MailKind = "confirm" // confirms the address of an account
	MailSignUp  MailKind = "signup"  // creates an account; if the address is taken, a notice that says so
	MailChange  MailKind = "change"  // confirms the new address of an account; if it is taken, a notice that says so

	MailPasswordChanged MailKind = "password_changed"
	MailChangeRequested MailKind = "change_requested" // to the present address: somebody asked to change it
	MailEmailChanged    MailKind = "email_changed"    // to the former address
	MailAccountDeleted  MailKind = "account_deleted"
)

// OutboxItem is a mail that is still to be sent. It holds no secret: the text, and with it the token, is made when it is sent.
type OutboxItem struct {
	ID        string // random, at least 128 bits
	Kind      MailKind
	UserID    UserID // 0 if the request named only an address
	Email     Email  // the recipient
	TokenID   string // the e-mail token that the link contains; empty in notices
	CreatedAt time.Time
	Attempts  int // the attempts that failed
}

// OutboxRepository stores mails that are still to be sent.
type OutboxRepository interface {
	// Add adds an item, due at once. In a transaction, the mail is sent if and only if the transaction commits.
	Add(ctx context.Context, item OutboxItem) error

	// Claim returns at most limit items that are due and not claimed, the one due first at the beginning, and claims them
	// until a time. No two calls claim the same item at the same time, on all instances.
	Claim(ctx context.Context, now, until time.Time, limit int) ([]OutboxItem, error)

	// Delete deletes an item that was sent or is no longer needed.
	Delete(ctx context.Context, id string) error

	// Retry counts a failed attempt, ends the claim, and makes the item due at a time.
	Retry(ctx context.Context, id string, due time.Time) error

	// Bury keeps an item that is not sent any more, until DeleteBuried removes it. It is not claimed again.
	Bury(ctx context.Context, id string, at time.Time) error

	// DeleteBuried deletes at most limit items that were buried at or before a time, and returns how many.
	DeleteBuried(ctx context.Context, until time.Time, limit int) (int, error)
}
