package domain

import (
	"errors"
	"time"
)

// Limits configures how many failed logins and how many sign-ups are allowed. All of it is above zero.
type Limits struct {
	FreeTries int64         // failures per account and address before waits begin
	FirstWait time.Duration // after FreeTries failures, and twice as long after each one more,
	MaxWait   time.Duration // but never longer than this; not below FirstWait

	PerAddress    int64 // failures per address (IPv6: per /64), for whatever accounts
	AddressWindow time.Duration

	PerAccount    int64 // failures per account, from addresses that have not logged in to it lately
	AccountWindow time.Duration

	SignUps      int64 // valid registrations per address, accepted or not
	SignUpWindow time.Duration
}

// DefaultLimits returns limits that people rarely notice and that make guessing useless. They are for programs that embed the
// services, and for tests. A test in app holds the defaults of the settings to them.
func DefaultLimits() Limits {
	return Limits{
		FreeTries: 5, FirstWait: time.Second, MaxWait: 15 * time.Minute,
		PerAddress: 50, AddressWindow: 15 * time.Minute,
		PerAccount: 100, AccountWindow: time.Hour,
		SignUps: 300, SignUpWindow: time.Hour,
	}
}

func (l Limits) check() error {
	if l.FreeTries <= 0 || l.PerAddress <= 0 || l.PerAccount <= 0 || l.SignUps <= 0 {
		return errors.New("domain: a limit must be above zero")
	}
	if l.FirstWait <= 0 || l.AddressWindow <= 0 || l.AccountWindow <= 0 || l.SignUpWindow <= 0 {
		return errors.New("domain: the time of a limit must be above zero")
	}
	if l.MaxWait < l.FirstWait {
		return errors.New("domain: the longest wait must not be below the first")
	}
	return nil
}
