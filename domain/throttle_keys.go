package domain

import (
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"strings"
)

// loginThrottles returns the identifiers of a login's throttles. Neither the account nor the address can be read from them.
func loginThrottles(account string, client Client) []string {
	account = accountKey(account)
	address := addressKey(client)
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

// addressKey returns what a client's address is counted by: of an IPv6 address the first 64 bits, because the rest is the
// client's own to choose. It is empty if the address is not known.
func addressKey(client Client) string {
	address, err := netip.ParseAddr(client.IP)
	if err != nil {
		return ""
	}
	address = address.Unmap().WithZone("")
	if address.Is4() {
		return address.String()
	}
	return netip.PrefixFrom(address, 64).Masked().String()
}
