package throttle

import (
	"errors"
	"time"
)

// Limits configures how many failed logins, sign-ups and mails are allowed. Every field must be above zero.
type Limits struct {
	FreeTries int64         // failures per account and client before the client must wait
	FirstWait time.Duration // the wait after FreeTries failures; it doubles with every further failure
	MaxWait   time.Duration // the longest wait; not below FirstWait

	PerAddress    int64 // failures per client, for all accounts together
	AddressWindow time.Duration

	PerAccount    int64 // failures per account, by clients that have not logged in to it lately
	AccountWindow time.Duration

	SignUps      int64 // valid registrations per client, successful or not
	SignUpWindow time.Duration

	MailsPerAccount int64 // mails of one kind to one address
	MailsPerClient  int64 // mails that one client requests, to all addresses together
	MailWindow      time.Duration
}

// DefaultLimits returns limits that people rarely notice and that make guessing useless.
func DefaultLimits() Limits {
	return Limits{
		FreeTries: 5, FirstWait: time.Second, MaxWait: 15 * time.Minute,
		PerAddress: 50, AddressWindow: 15 * time.Minute,
		PerAccount: 100, AccountWindow: time.Hour,
		SignUps: 300, SignUpWindow: time.Hour,
		MailsPerAccount: 5, MailsPerClient: 100, MailWindow: time.Hour,
	}
}

// Check returns an error for limits that are out of bounds.
func (l Limits) Check() error {
	if l.FreeTries <= 0 || l.PerAddress <= 0 || l.PerAccount <= 0 || l.SignUps <= 0 || l.MailsPerAccount <= 0 || l.MailsPerClient <= 0 {
		return errors.New("throttle: a limit must be above zero")
	}
	if l.FirstWait <= 0 || l.AddressWindow <= 0 || l.AccountWindow <= 0 || l.SignUpWindow <= 0 || l.MailWindow <= 0 {
		return errors.New("throttle: the duration of a limit must be above zero")
	}
	if l.MaxWait < l.FirstWait {
		return errors.New("throttle: the longest wait must not be below the first")
	}
	return nil
}
