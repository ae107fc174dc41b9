package domain_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.com/postern/domain"
)

var (
	label63   = strings.Repeat("d", 63)
	domain189 = strings.Join([]string{label63, label63, strings.Repeat("d", 61)}, ".") // 63 + 1 + 63 + 1 + 61
)

func TestEmailGrammar(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		address string
		ok      bool
	}{
		"plain":                      {"ada@example.com", true},
		"every atext":                {"!#$%&'*+-/=?^_`{|}~aZ09@example.com", true},
		"dots inside":                {"a.b.c@example.com", true},
		"upper case":                 {"ADA@EXAMPLE.COM", true},
		"one label":                  {"ada@localhost", true},
		"digits in the domain":       {"ada@1.2.3.example", true},
		"internationalised domain":   {"ada@münchen.example", true},
		"its ASCII form":             {"ada@xn--mnchen-3ya.example", true},
		"local part of 64":           {strings.Repeat("a", 64) + "@example.com", true},
		"local part of 65":           {strings.Repeat("a", 65) + "@example.com", false},
		"254 octets":                 {strings.Repeat("a", 64) + "@" + domain189, true},
		"255 octets":                 {strings.Repeat("a", 64) + "@" + domain189 + "d", false},
		"255 octets in ASCII only":   {strings.Repeat("a", 64) + "@" + domain189[:181] + "ü.de", false},
		"255 octets, fewer in ASCII": {"ad@" + strings.Repeat("\uff44", 63) + "." + strings.Repeat("\uff44", 20) + ".d", false},
		"252 octets, fewer in ASCII": {"ad@" + strings.Repeat("\uff44", 63) + "." + strings.Repeat("\uff44", 19) + ".d", true},
		"label of 64":                {"ada@" + label63 + "d.com", false},
		"empty":                      {"", false},
		"no at":                      {"ada.example.com", false},
		"only an at":                 {"@", false},
		"no local part":              {"@example.com", false},
		"no domain":                  {"ada@", false},
		"two ats":                    {"ada@b@example.com", false},
		"dot first":                  {".ada@example.com", false},
		"dot last":                   {"ada.@example.com", false},
		"two dots":                   {"a..b@example.com", false},
		"quoted local part":          {`"ada lovelace"@example.com`, false},
		"backslash":                  {`ada\@example.com`, false},
		"comment in the local part":  {"ada(countess)@example.com", false},
		"comment in the domain":      {"ada@example.com(home)", false},
		"display name":               {"Ada <ada@example.com>", false},
		"angle brackets":             {"<ada@example.com>", false},
		"two addresses":              {"ada@example.com,eve@example.com", false},
		"space before":               {" ada@example.com", false},
		"space behind":               {"ada@example.com ", false},
		"space inside":               {"ada @example.com", false},
		"line end":                   {"ada@example.com\r\nBcc: eve@example.com", false},
		"NUL":                        {"ada\x00@example.com", false},
		"NUL in the domain":          {"ada@example\x00.com", false},
		"domain literal":             {"ada@[127.0.0.1]", false},
		"IPv6 literal":               {"ada@[IPv6:::1]", false},
		"IPv4 address":               {"ada@127.0.0.1", false},
		"trailing dot":               {"ada@example.com.", false},
		"leading dot in the domain":  {"ada@.example.com", false},
		"two dots in the domain":     {"ada@example..com", false},
		"label starts with a hyphen": {"ada@-example.com", false},
		"label ends with a hyphen":   {"ada@example-.com", false},
		"underscore in the domain":   {"ada@exa_mple.com", false},
		"port":                       {"ada@example.com:25", false},
		"broken punycode":            {"ada@xn--a.com", false},
		"invalid UTF-8":              {"ada@exam\xffple.com", false},
		"invalid UTF-8, local part":  {"ad\xff@example.com", false},
		"dotless i, local part":      {"adm\u0131n@example.com", false},
		"Kelvin sign, local part":    {"\u212aate@example.com", false},
		"long s, local part":         {"je\u017fse@example.com", false},
		"fullwidth, local part":      {"\uff41da@example.com", false},
		"zero width, local part":     {"a\u200bda@example.com", false},
		"fullwidth at":               {"ada\uff20example.com", false},
		"umlaut, local part":         {"jürgen@example.com", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			email, ok := domain.ParseEmail(c.address)
			require.Equal(t, c.ok, ok)
			if ok {
				require.Equal(t, c.address, string(email), "the address is not changed")
			} else {
				require.Empty(t, email)
			}
		})
	}
}

// TestSpellingsOfOneAddressShareAKey matters because two spellings of an address must not open two accounts.
func TestSpellingsOfOneAddressShareAKey(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ one, other string }{
		"case":                     {"Ada@Example.COM", "ada@example.com"},
		"case of every atext":      {"A.Z+Tag@example.com", "a.z+tag@example.com"},
		"case in the domain":       {"ada@MÜNCHEN.example", "ada@münchen.example"},
		"IDNA forms":               {"ada@münchen.example", "ada@xn--mnchen-3ya.example"},
		"IDNA forms in upper case": {"ada@XN--MNCHEN-3YA.example", "ada@münchen.example"},
		"decomposed":               {"ada@mu\u0308nchen.example", "ada@münchen.example"},
		"fullwidth domain":         {"ada@\uff45xample.com", "ada@example.com"},
		"ideographic full stop":    {"ada@example\u3002com", "ada@example.com"},
		"Kelvin sign":              {"ada@\u212aelvin.example", "ada@kelvin.example"},
		"long s":                   {"ada@\u017fea.example", "ada@sea.example"},
		"zero width space":         {"ada@exam\u200bple.com", "ada@example.com"},
		"soft hyphen":              {"ada@exam\u00adple.com", "ada@example.com"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, key(t, c.other), key(t, c.one))
			require.Equal(t, c.other == strings.ToLower(c.other) && isASCII(c.other), key(t, c.other) == c.other)
		})
	}
}

func TestOtherAddressesHaveOtherKeys(t *testing.T) {
	t.Parallel()
	base := key(t, "ada@example.com")
	for _, other := range []string{
		"ada+tag@example.com", "a.da@example.com", "ada@example.org", "ada@mail.example.com", "ada@ex\u0430mple.com", "ada@examp\u0131e.com",
	} {
		require.NotEqual(t, base, key(t, other), other)
	}
}

func TestParseEmailIsBounded(t *testing.T) { // it counts allocations, so it is not parallel
	for _, unit := range []string{"a", "a.", "@", "a@", "ü", "xn--", "\x00", "(("} {
		_, ok := domain.ParseEmail(strings.Repeat(unit, 1<<20))
		require.False(t, ok)
		_, ok = domain.ParseEmail("ada@" + strings.Repeat(unit, 1<<20))
		require.False(t, ok)
	}
	long := "ada@" + strings.Repeat("ü", 1<<20)
	require.Zero(t, testing.AllocsPerRun(10, func() { domain.ParseEmail(long) }), "it is refused by its length")
}

// TestKeyIsCanonical checks that a key is an ASCII address that is its own key.
func TestKeyIsCanonical(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		local := rapid.StringMatching("[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]{1,10}([.][a-zA-Z]{1,5})?").Draw(t, "local")
		pieces := []string{"Example", "MÜN", "xn--mnchen-3ya", "\uff45x", "\u212a", "\u017f", "日本", "faß", "İ", "ı", "a-b", "1", "Σς", "\u200d", "क\u094d"}
		labels := rapid.SliceOfN(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 3), 1, 4).Draw(t, "labels")
		var host []string
		for _, label := range labels {
			host = append(host, strings.Join(label, ""))
		}
		dot := rapid.SampledFrom([]string{".", "\u3002", "\uff0e"}).Draw(t, "dot")
		email, ok := domain.ParseEmail(local + "@" + strings.Join(host, dot))
		if !ok {
			t.Skip("not an address")
		}
		again, ok := domain.ParseEmail(email.Key())
		require.True(t, ok, "the key is an address")
		require.Equal(t, email.Key(), again.Key(), "the key of a key is the key")
		require.True(t, isASCII(email.Key()))
		require.LessOrEqual(t, len(email.Key()), domain.MaxEmail)
	})
}

func FuzzParseEmail(f *testing.F) {
	f.Add("ada@example.com")
	f.Add("ada@xn--mnchen-3ya.example")
	f.Add("ada@\uff45xample\u3002com")
	f.Fuzz(func(t *testing.T, address string) {
		email, ok := domain.ParseEmail(address)
		if !ok {
			return
		}
		again, ok := domain.ParseEmail(email.Key())
		require.True(t, ok)
		require.Equal(t, email.Key(), again.Key())
	})
}

func key(t *testing.T, address string) string {
	t.Helper()
	email, ok := domain.ParseEmail(address)
	require.True(t, ok, address)
	return email.Key()
}

func isASCII(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 }) }
