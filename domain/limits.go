package domain

import (
	"context"
	"errors"
	"strings"

	"example.com/postern/domain/throttle"
)

// tryPassword runs fn, which checks a password, and counts its outcome. fn returns [ErrInvalidCredentials] for a wrong
// password. If too many tries have failed, tryPassword returns an error of kind [ErrTooMany] and does not run fn.
func (s *Auth) tryPassword(ctx context.Context, address string, client Client, fn func() error) error {
	err := s.guard.Try(ctx, accountKey(address), string(client.Network()), fn)
	return limitError(err, "Too many logins have failed. Try again later.")
}

// countSignUp counts a registration, or returns an error of kind [ErrTooMany].
func (s *Auth) countSignUp(ctx context.Context, client Client) error {
	err := s.guard.CountSignUp(ctx, string(client.Network()))
	return limitError(err, "Too many accounts were created from this address. Try again later.")
}

// countWrite counts a write of the user, or returns an error of kind [ErrTooMany].
func countWrite(limiter *throttle.Limiter, user UserID) error {
	return limitError(limiter.Take(int64(user)), "This account has written too much. Try again later.")
}

// limitError turns an error of a throttle into one of the domain. It returns other errors as they are.
func limitError(err error, message string) error {
	if limit, ok := errors.AsType[*throttle.LimitError](err); ok {
		return &Error{Kind: ErrTooMany, Code: "quota_exceeded", Message: message, RetryAfter: limit.Wait, Quota: &limit.Quota}
	}
	if errors.Is(err, throttle.ErrBusy) {
		return ErrHasherBusy
	}
	return err
}

// accountKey returns the key under which failed logins to an address are counted, whether or not it has an account.
func accountKey(address string) string {
	if email, ok := ParseEmail(address); ok {
		return email.Key()
	}
	return strings.ToLower(address)
}
