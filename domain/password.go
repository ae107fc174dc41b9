package domain

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of a password. At sign-up the length counts Unicode characters of its NFC form, and a higher minimum can be
// configured; at login any password of 1 to MaxLoginPassword octets is tried, whatever the rules are by now.
const (
	MinPassword      = 8
	MaxPassword      = 128
	MaxLoginPassword = 1024
)

// Password is a password as it was sent. It is never shown, like any [Secret].
type Password struct{ Secret }

// NewPassword returns a password that holds text.
func NewPassword(text string) Password { return Password{NewSecret(text)} }

// RevealNFC returns the password in Unicode normalisation form C. This form is hashed, so that it does not matter how a
// keyboard composes an accent (NIST SP 800-63B-4, section 3.1.1.2).
func (p Password) RevealNFC() string { return norm.NFC.String(p.Reveal()) }

// checkNewPassword returns what keeps p from being chosen by the owner of email: its length, which is least characters or
// more, and how easily it is guessed, nothing else (NIST SP 800-63B-4, section 3.1.1.2).
func checkNewPassword(field string, p Password, email Email, least int) []FieldError {
	text := p.RevealNFC()
	bad := func(code, message string) []FieldError { return []FieldError{{field, code, message}} }
	switch n := utf8.RuneCountInString(text); {
	case !validText(text):
		return bad("format", "must be valid Unicode without NUL")
	case n < MinPassword:
		return bad("min_length", fmt.Sprintf("must have at least %d characters", MinPassword))
	case n < least:
		return bad("password_too_short", fmt.Sprintf("must have at least %d characters", least))
	case n > MaxPassword, len(p.Reveal()) > MaxLoginPassword: // what is chosen here must be taken at login
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

// checkLoginPassword returns what keeps p from being tried at all: the work of hashing is bounded by its length.
func checkLoginPassword(field string, p Password) []FieldError {
	switch n := len(p.Reveal()); {
	case n == 0:
		return []FieldError{{field, "required", "is required"}}
	case n > MaxLoginPassword:
		return []FieldError{{field, "max_length", fmt.Sprintf("must have at most %d octets", MaxLoginPassword)}}
	}
	return nil
}

// PasswordHasher makes and checks password hashes. Hashing is expensive, so calls wait for their turn in a bounded queue, for
// a bounded time. Networks share that queue fairly: one may fill it while nobody else waits; when others come, they take
// turns, and the one with the most waiting calls gives up its newest. A call that was given up, finds no room or waited for
// too long returns [ErrHasherBusy]; when ctx ends first, its error. Calls that no client made come from the empty network.
type PasswordHasher interface {
	// Hash returns a salted hash that names its own algorithm and parameters. It may use only half of the queue, so that
	// sign-ups leave room for logins.
	Hash(ctx context.Context, from Network, p Password) (string, error)

	// Verify reports whether the password is the one that was hashed, and whether the hash was made with other parameters
	// than Hash uses now, and should be replaced. Any other error means that hash could not be read.
	Verify(ctx context.Context, from Network, hash string, p Password) (ok, stale bool, err error)

	// DummyHash returns a hash that no known password fits. Verify takes as long over it as over a fresh hash. DummyHash itself
	// computes nothing.
	DummyHash() string

	// Accepts reports whether Verify can read the hash, and its cost is within bounds.
	Accepts(hash string) bool
}
