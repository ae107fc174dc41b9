// Package throttle slows down the guessing of passwords and limits how much a client does.
//
// A [Guard] counts failed logins, sign-ups and mails in the store, so that all instances of a service count together. Each login
// is counted by three rules: per pair of account and client, per client, and per account. A login is reserved before the
// password is checked and settled afterwards, so that parallel logins cannot exceed a limit. For a client that has logged in
// to an account before, only the rule of the pair applies. So nobody can lock the owner out from another network.
//
// A [Limiter] limits the writes of an account on one instance, in memory.
//
// A client is identified by its network: a text that the client cannot choose, such as its IPv4 address.
package throttle
