package domain

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of a password. New passwords are measured in Unicode characters of their NFC form; a higher minimum can be configured.
// A login accepts any password of 1 to MaxLoginPassword bytes, because the rules may have changed.
const (
	MinPassword      = 8
	MaxPassword      = 128
	MaxLoginPassword = 1024
)

// Password is a password as it was sent. Like any [Secret], it is never shown.
type Password struct{ Secret }

// NewPassword returns a password that holds text.
func NewPassword(text string) Password { return Password{NewSecret(text)} }

// RevealNFC returns the password in Unicode normalisation form C. This form is hashed, so that it does not matter how a
// keyboard composes an accent (NIST SP 800-63B-4, section 3.1.1.2).
func (p Password) RevealNFC() string { return norm.NFC.String(p.Reveal()) }

// checkNewPassword returns the reason why the owner of email may not choose p. The rules concern its length, which is at
// least minimum, and how easily it is guessed (NIST SP 800-63B-4, section 3.1.1.2).
func checkNewPassword(field string, p Password, email Email, minimum int) []FieldError {
	text := p.RevealNFC()
	bad := func(code, message string) []FieldError { return []FieldError{{field, code, message}} }
	switch n := utf8.RuneCountInString(text); {
	case !validText(text):
		return bad("format", "must be valid Unicode without NUL")
	case n < MinPassword:
		return bad("min_length", fmt.Sprintf("must have at least %d characters", MinPassword))
	case n < minimum:
		return bad("password_too_short", fmt.Sprintf("must have at least %d characters", minimum))
	case n > MaxPassword, len(p.Reveal()) > MaxLoginPassword: // a login must accept it
		return bad("max_length", fmt.Sprintf("must have at most %d characters", MaxPassword))
	}
	switch folded := strings.ToLower(text); {
	case isCommonPassword(folded), isPattern(folded):
		return bad("password_too_common", "is one of the passwords that are guessed first")
	case isContextWord(folded, email):
		return bad("password_guessable", "must be more than the e-mail address, a part of it, or the name of this service")
	}
	return nil
}

// checkLoginPassword returns the reason to refuse p without checking it. Its length bounds the work of hashing.
func checkLoginPassword(field string, p Password) []FieldError {
	switch n := len(p.Reveal()); {
	case n == 0:
		return []FieldError{{field, "required", "is required"}}
	case n > MaxLoginPassword:
		return []FieldError{{field, "max_length", fmt.Sprintf("must have at most %d bytes", MaxLoginPassword)}}
	}
	return nil
}

// PasswordHasher hashes and verifies passwords. Hashing is expensive, so calls wait in a bounded queue for a bounded time.
// Networks share the queue fairly. One network may fill it while no other waits. Otherwise they take turns, and if the queue is
// full, the network with the most waiting calls loses its newest one. A call that loses its place, finds none or waits too long
// returns [ErrHasherBusy]. If ctx ends first, a call returns the context's error. Calls without a client use the empty network.
type PasswordHasher interface {
	// Hash returns a salted hash that names its algorithm and parameters. It may use only half of the queue, so that sign-ups
	// leave room for logins.
	Hash(ctx context.Context, from Network, p Password) (string, error)

	// Verify reports whether the password matches the hash. It also reports whether the hash is stale: made with other
	// parameters than Hash uses now. Any other error means that the hash is malformed.
	Verify(ctx context.Context, from Network, hash string, p Password) (ok, stale bool, err error)

	// DummyHash returns a hash that no known password matches. Verifying it takes as long as verifying a new hash. DummyHash
	// itself computes nothing.
	DummyHash() string

	// Accepts reports whether Verify supports the hash and its cost is within bounds.
	Accepts(hash string) bool
}
