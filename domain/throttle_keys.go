package domain

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// loginThrottles returns the identifiers of a login's throttles. Neither the account nor the address can be read from them.
func loginThrottles(account string, client Client) []string {
	account = accountKey(account)
	address := string(client.Network())
	pair := address + "\x00" + account // no address has a NUL
	return []string{
		ofPair:    throttleID("pair", pair),
		ofKnown:   throttleID("known", pair),
		ofAddress: throttleID("address", address),
		ofAccount: throttleID("account", account),
	}
}

func throttleID(kind, key string) string {
	sum := sha256.Sum256([]byte(key))
	return kind + ":" + base64.RawURLEncoding.EncodeToString(sum[:])
}

// accountKey returns what an account is counted by, whether it exists or not: as accounts are told apart.
func accountKey(address string) string {
	if email, ok := ParseEmail(address); ok {
		return email.Key()
	}
	return strings.ToLower(address)
}
