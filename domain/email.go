package domain

import (
	"strings"

	"golang.org/x/net/idna"
)

// MaxEmail is the longest e-mail address, in octets (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const MaxEmail = 254

const maxEmailLocalPart = 64 // octets (RFC 5321, section 4.5.3.1.1)

// Email is an e-mail address that [ParseEmail] accepted, exactly as it was given.
type Email string

// ParseEmail returns the address if it is one addr-spec (RFC 5322, section 3.4.1) with an ASCII dot-atom before the @ and
// a domain name behind it, which may be internationalised (RFC 5891), and tells whether it is. Nothing is trimmed or
// folded. It takes time linear in the length of the address.
func ParseEmail(address string) (Email, bool) {
	if len(address) > MaxEmail || !validText(address) {
		return "", false
	}
	local, host, found := strings.Cut(address, "@")
	if !found || len(local) > maxEmailLocalPart || !isDotAtom(local) {
		return "", false
	}
	ascii, err := emailHost.ToASCII(host)
	if err != nil || !isHostName(ascii) || len(local)+1+len(ascii) > MaxEmail {
		return "", false
	}
	return Email(address), true
}

// Key returns what two spellings of one address share: lower case, its domain in ASCII form (RFC 5891). Accounts are told
// apart by it.
func (e Email) Key() string {
	local, host, _ := strings.Cut(string(e), "@")
	ascii, err := emailHost.ToASCII(host)
	if err != nil {
		ascii = host
	}
	return strings.ToLower(local) + "@" + strings.ToLower(ascii)
}

// emailHost maps case and width as UTS #46 says for look-ups, and wants labels of letters, digits and inner hyphens, of the
// lengths that the DNS allows.
var emailHost = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// isDotAtom implements dot-atom-text (RFC 5322, section 3.2.3).
func isDotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return !isAtext(r) }) {
			return false
		}
	}
	return true
}

func isAtext(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

// isHostName tells whether an ASCII domain name that emailHost let through ends in a name: neither in the dot of the root,
// nor in a number, which would make it an address (RFC 1123, section 2.1).
func isHostName(ascii string) bool {
	last := ascii[strings.LastIndexByte(ascii, '.')+1:]
	return strings.Trim(last, "0123456789") != ""
}
