package rest

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestClientAddress(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		peer      string
		forwarded []string
		want      string
		ignored   int
	}{
		"direct":                      {"192.0.2.1:1234", nil, "192.0.2.1", 0},
		"IPv6":                        {"[2001:db8::1]:1", nil, "2001:db8::1", 0},
		"IPv4 in IPv6":                {"[::ffff:192.0.2.1]:1", nil, "192.0.2.1", 0},
		"with a zone":                 {"[fe80::1%eth0]:1", nil, "fe80::1", 0},
		"forged by an untrusted peer": {"192.0.2.1:1", []string{"198.51.100.9"}, "192.0.2.1", 1},
		"through a proxy":             {"10.0.0.1:1", []string{"198.51.100.9"}, "198.51.100.9", 0},
		"forged through a proxy":      {"10.0.0.1:1", []string{"127.0.0.1, 198.51.100.9"}, "198.51.100.9", 0},
		"through two proxies":         {"10.0.0.1:1", []string{"198.51.100.9, 10.0.0.2"}, "198.51.100.9", 0},
		"in two fields":               {"10.0.0.1:1", []string{"198.51.100.9", "fd00::2"}, "198.51.100.9", 0},
		"proxies only":                {"10.0.0.1:1", []string{"10.0.0.3,10.0.0.2"}, "10.0.0.3", 0},
		"stops at an invalid address": {"10.0.0.1:1", []string{"198.51.100.9, evil, 10.0.0.2"}, "10.0.0.2", 0},
		"with a port":                 {"10.0.0.1:1", []string{"198.51.100.9:4711"}, "198.51.100.9", 0},
		"in brackets":                 {"10.0.0.1:1", []string{"[2001:db8::1]"}, "2001:db8::1", 0},
		"in brackets with a port":     {"10.0.0.1:1", []string{"[2001:db8::1]:443, 10.0.0.2:80"}, "2001:db8::1", 0},
		"with empty items":            {"10.0.0.1:1", []string{"198.51.100.9,, ,"}, "198.51.100.9", 0},
		"empty":                       {"10.0.0.1:1", []string{""}, "10.0.0.1", 0},
		"too many hops":               {"10.0.0.1:1", []string{"198.51.100.9" + strings.Repeat(",10.0.0.2", 5000)}, "10.0.0.2", 0},
		"no address":                  {"@", nil, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ignored := 0
			known := newClientResolver(trusted, func() { ignored++ })
			r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Real-Ip": {"203.0.113.1"}, "Forwarded": {"for=203.0.113.1"}}}
			if c.forwarded != nil {
				r.Header["X-Forwarded-For"] = c.forwarded
			}
			require.Equal(t, c.want, known.resolve(r).IP)
			require.Equal(t, c.want, known.resolve(r).IP)
			require.Equal(t, c.ignored, ignored, "reported once")
		})
	}
}

func TestUserAgentIsTruncated(t *testing.T) {
	t.Parallel()
	require.Equal(t, strings.Repeat("é", domain.MaxUserAgent), userAgent(strings.Repeat("é", 5000)))
	require.Equal(t, "a\uFFFDb\uFFFD", userAgent("a\x00b\xff"))
}
