package rest

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"example.com/postern/domain"
)

// clientResolver determines the client of a request.
type clientResolver struct {
	trusted []netip.Prefix
	ignored func() // called at the first X-Forwarded-For of a peer that is not trusted
}

func newClientResolver(trusted []netip.Prefix, ignored func()) clientResolver {
	if ignored == nil {
		ignored = func() {}
	}
	return clientResolver{trusted, sync.OnceFunc(ignored)}
}

func (c clientResolver) resolve(r *http.Request) domain.Client {
	return domain.Client{IP: c.address(r), UserAgent: userAgent(r.UserAgent())}
}

// maxHops limits how many entries of X-Forwarded-For are examined.
const maxHops = 32

// address returns the address of the client. If the peer is a trusted proxy, the client is the rightmost address in
// X-Forwarded-For that is not a trusted proxy, because addresses further left may be forged. Otherwise the client is the
// peer. The result is empty if the address of the peer is unknown.
func (c clientResolver) address(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	last := canonicalAddress(peer.Addr())
	forwarded := r.Header["X-Forwarded-For"]
	if len(forwarded) == 0 {
		return last.String()
	}
	if !c.trusts(last) {
		c.ignored()
		return last.String()
	}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= max(0, len(hops)-maxHops) && c.trusts(last); i-- {
		text := strings.TrimSpace(hops[i])
		if text == "" {
			continue // RFC 9110, section 5.6.1.2
		}
		hop, err := parseHop(text)
		if err != nil {
			break
		}
		last = canonicalAddress(hop)
	}
	return last.String()
}

// parseHop parses an address as proxies write it: with or without a port, and IPv6 with or without brackets.
func parseHop(text string) (netip.Addr, error) {
	if hop, err := netip.ParseAddrPort(text); err == nil {
		return hop.Addr(), nil
	}
	if inner, bracketed := strings.CutPrefix(text, "["); bracketed {
		text = strings.TrimSuffix(inner, "]")
	}
	return netip.ParseAddr(text)
}

func (c clientResolver) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(c.trusted, func(prefix netip.Prefix) bool { return prefix.Contains(address) })
}

func canonicalAddress(address netip.Addr) netip.Addr { return address.Unmap().WithZone("") }

func userAgent(header string) string {
	header = strings.ReplaceAll(strings.ToValidUTF8(header, "\uFFFD"), "\x00", "\uFFFD")
	if utf8.RuneCountInString(header) > domain.MaxUserAgent {
		header = string([]rune(header)[:domain.MaxUserAgent])
	}
	return header
}
