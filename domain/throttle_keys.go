package domain

import (
	"encoding/base64"
	"strings"
)

// KeyedHash returns a hash of personal data. The same data has the same hash on all instances. Without a key that is not in
// the store nobody can compute it, and so nobody who reads the store can guess the data and see whether a guess is right. The
// hashes change with that key, which should be seldom: whatever is found by them is then forgotten.
type KeyedHash func(data string) [32]byte

// throttleIDs makes the identifiers of throttles.
type throttleIDs struct{ hash KeyedHash }

// login returns the identifiers of a login's throttles. Those that tell something of the account begin with its prefix.
func (t throttleIDs) login(account string, from Network) []string {
	account = accountKey(account)
	prefix := t.prefix(account)
	pair := t.tag("pair", string(from)+"\x00"+account) // no network has a NUL
	return []string{
		ofPair:    prefix + "pair:" + pair,
		ofKnown:   prefix + "known:" + pair,
		ofAddress: "address:" + t.tag("address", string(from)),
		ofAccount: prefix + "account",
	}
}

// signUp returns the identifier of the throttle for sign-ups.
func (t throttleIDs) signUp(from Network) string { return "signup:" + t.tag("signup", string(from)) }

// prefix returns the beginning of the identifiers that tell something of an account.
func (t throttleIDs) prefix(account string) string { return t.tag("account", account) + ":" }

// tag returns 128 bits of the keyed hash as 22 characters.
func (t throttleIDs) tag(kind, value string) string {
	sum := t.hash(kind + "\x00" + value)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// unkeyedKnown is the beginning of identifiers that earlier versions made with an unkeyed hash, and that live for two years.
// What else they made expires within a day.
const unkeyedKnown = "known:"

// accountKey returns what an account is counted by, whether it exists or not: as accounts are told apart.
func accountKey(address string) string {
	if email, ok := ParseEmail(address); ok {
		return email.Key()
	}
	return strings.ToLower(address)
}
