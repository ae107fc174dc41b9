package domain

import (
	"context"
	"errors"
	"fmt"
)

// Mail is a message to one recipient. Its text is sent both plain and as HTML.
type Mail struct {
	ID      string // the local part of Message-ID; the same at every attempt, so that receivers recognize a duplicate
	To      Email
	Subject string
	Text    string
	HTML    string
}

// ErrMailRefused is wrapped by the error of a [Mailer] if the server refused the mail for good (RFC 5321, section 4.2.1: 5yz).
var ErrMailRefused = errors.New("the mail server refused the mail for good")

// ErrMailServer is wrapped by the error of a [Mailer] if the server accepts no mail at all: it cannot be reached, or it
// refuses the connection or the credentials. The fault is not in the mail.
var ErrMailServer = errors.New("the mail server accepts no mail")

// Mailer sends mail.
type Mailer interface {
	// Send returns nil once a server has accepted the mail. Any error that does not match [ErrMailRefused] is temporary.
	// It returns when ctx ends.
	Send(ctx context.Context, m Mail) error
}

// MailError is the error of a [Mailer] that a server caused. Its text contains no address and nothing that the server said.
type MailError struct {
	Kind   error  // ErrMailRefused, ErrMailServer, or nil if another attempt at this mail may succeed
	Status int    // the reply code of the server (RFC 5321, section 4.2), or 0 if it gave none
	Reason string // what failed, for operators
	Answer string // what the server said, which may contain the address; not part of the text
}

// Error returns the reason and the reply code.
func (e *MailError) Error() string {
	if e.Status == 0 {
		return e.Reason
	}
	return fmt.Sprintf("%s: the server answered %d", e.Reason, e.Status)
}

// Unwrap returns the kind.
func (e *MailError) Unwrap() error { return e.Kind }

// MailKind is the reason why a mail is sent. It decides the text.
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

// MailKinds lists all kinds of mail.
var MailKinds = []MailKind{
	MailReset, MailConfirm, MailSignUp, MailChange, MailPasswordChanged, MailChangeRequested, MailEmailChanged, MailAccountDeleted,
}
