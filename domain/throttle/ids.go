package throttle

import "encoding/base64"

// KeyedHash returns a hash of personal data. The same data has the same hash on all instances. The key is not in the
// store, so that a reader of the store cannot check guesses of the data. The key should rarely change, because all counters
// are then forgotten.
type KeyedHash func(data string) [32]byte

// ids makes the identifiers of counters.
type ids struct{ hash KeyedHash }

// login returns the identifiers of the counters of a login. Those that concern the account begin with its prefix.
func (i ids) login(account, network string) []string {
	prefix := i.prefix(account)
	pair := i.tag("pair", network+"\x00"+account) // no network contains NUL
	return []string{
		pairIndex:    prefix + "pair:" + pair,
		addressIndex: "address:" + i.tag("address", network),
		accountIndex: prefix + "account",
		knownIndex:   prefix + "known:" + pair,
	}
}

// signUp returns the identifier of the counter of sign-ups.
func (i ids) signUp(network string) string { return "signup:" + i.tag("signup", network) }

// accountMails returns the identifier of the counter of mails of one kind to an address. It does not begin with the
// account's prefix: deleting an account and signing up again does not allow more mails to the address.
func (i ids) accountMails(kind, account string) string {
	return "mail:" + i.tag("mail", kind+"\x00"+account)
}

// clientMails returns the identifier of the counter of mails that a client requests.
func (i ids) clientMails(network string) string { return "mails:" + i.tag("mails", network) }

// prefix returns the beginning of the identifiers that concern an account.
func (i ids) prefix(account string) string { return i.tag("account", account) + ":" }

// tag returns 128 bits of the keyed hash as 22 characters.
func (i ids) tag(kind, value string) string {
	sum := i.hash(kind + "\x00" + value)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// LegacyPrefix is the beginning of identifiers that earlier versions made with an unkeyed hash. Their counters expire after
// two years; all other counters of those versions expire within a day.
const LegacyPrefix = "known:"
