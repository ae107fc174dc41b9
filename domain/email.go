package domain

import (
	"strings"

	"golang.org/x/net/idna"
)

// MaxEmail is the maximum length of an e-mail address, in octets (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const MaxEmail = 254

const maxEmailLocalPart = 64 // octets (RFC 5321, section 4.5.3.1.1)

// Email is an e-mail address that [ParseEmail] has accepted, unchanged.
type Email string

// ParseEmail returns the text as an Email and reports whether it is valid: one addr-spec (RFC 5322, section 3.4.1) of an
// ASCII dot-atom, @, and a domain name, which may be internationalised (RFC 5891). Nothing is trimmed or folded. It takes
// time linear in the length of the text.
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

// Key returns the address in lower case, with its domain in ASCII form (RFC 5891). It is the same for all spellings of an
// address, and different accounts have different keys.
func (e Email) Key() string { return strings.ToLower(e.ASCII()) }

// ASCII returns the address with its domain in ASCII form, so that every mail server accepts it.
func (e Email) ASCII() string {
	local, host, _ := strings.Cut(string(e), "@")
	ascii, err := emailHost.ToASCII(host)
	if err != nil {
		ascii = host
	}
	return local + "@" + ascii
}

// emailHost maps case and width as UTS #46 requires for look-ups. It accepts labels of letters, digits and inner hyphens whose
// lengths the DNS allows.
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

// isHostName reports whether the last label of an ASCII domain name is a name. An empty label is the root of the DNS, and a
// number would make the domain an IP address (RFC 1123, section 2.1).
func isHostName(ascii string) bool {
	last := ascii[strings.LastIndexByte(ascii, '.')+1:]
	return strings.Trim(last, "0123456789") != ""
}
