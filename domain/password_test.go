package domain_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"example.com/postern/domain"
)

func TestNewPasswords(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		password string
		code     string // empty if the password is accepted
	}{
		"empty":                             {"", "min_length"},
		"7 characters":                      {"k7#vQp!", "min_length"},
		"8 characters":                      {"k7#vQp!z", ""},
		"7 characters of 4 bytes":           {"🐎🔋📎✅🦊🌊🎈", "min_length"},
		"8 characters of 4 bytes":           {"🐎🔋📎✅🦊🌊🎈🧲", ""},
		"8 code points, 7 in NFC":           {"k7#vQpe\u0301", "min_length"},
		"128 characters":                    {words(128), ""},
		"129 characters":                    {words(129), "max_length"},
		"128 in NFC, 129 code points":       {words(127) + "e\u0301", ""},
		"128 that login would not take":     {strings.Repeat("\u1112\u1161\u11ab\u1100\u1173\u11af", 64), "max_length"},
		"NUL":                               {"k7#v\x00Qp!z", "format"},
		"invalid UTF-8":                     {"k7#vQp!z\xff", "format"},
		"spaces count":                      {"  k7#v  ", ""},
		"no rules of composition":           {"onlylowercaseletters", ""},
		"common":                            {"password1", "password_too_common"},
		"common, in any case":               {"PassWord1", "password_too_common"},
		"common, by look-alike upper case":  {"mon\u212aey123", "password_too_common"},
		"one character repeated":            {"zzzzzzzzz", "password_too_common"},
		"one character repeated, astral":    {strings.Repeat("🐎", 9), "password_too_common"},
		"a pair repeated":                   {"q7q7q7q7q7", "password_too_common"},
		"three repeated, cut":               {"q7!q7!q7!q", "password_too_common"},
		"four repeated, in any case":        {"Ab7!aB7!ab7!", "password_too_common"},
		"a run of digits":                   {"2345678901", "password_too_common"},
		"a run of digits, down":             {"3210987654", "password_too_common"},
		"a run of letters":                  {"ghijklmnop", "password_too_common"},
		"a run of letters, down":            {"PONMLKJIH", "password_too_common"},
		"a run and more":                    {"ghijklmnopX", ""},
		"the service":                       {"postern1", "password_guessable"},
		"the service, punctuated":           {"!!Postern-2026!!", "password_guessable"},
		"the service twice":                 {"PosternPostern", "password_guessable"},
		"the address":                       {"grace.hopper@navy.example", "password_guessable"},
		"the address in capitals":           {"GRACE.HOPPER@NAVY.EXAMPLE", "password_guessable"},
		"the local part":                    {"grace.hopper", "password_guessable"},
		"the local part and a year":         {"GraceHopper1906!", "password_guessable"},
		"the domain":                        {"navy.example", "password_guessable"},
		"the site and digits":               {"navy12345678", "password_guessable"},
		"half of the local part and a word": {"grace under fire", ""},
		"the service in a passphrase":       {"the postern gate creaks", ""},
		"a passphrase":                      {password, ""},
		"a passphrase with digits":          {"7 swans a swimming", ""},
		"from a password manager":           {"Xq3vTz_9fJb-W2", ""},
		"another script":                    {"правильная лошадь", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			hashes := w.hasher.Hashes()
			_, err := w.auth.Register(t.Context(), domain.Registration{Email: "grace.hopper@navy.example", Password: domain.NewPassword(c.password)})
			if c.code == "" {
				require.NoError(t, err)
				return
			}
			requireFields(t, err, "password "+c.code)
			require.Equal(t, hashes, w.hasher.Hashes(), "nothing is hashed for a refused password")
		})
	}
}

// TestContextWordsAreNotTooGreedy checks that passwords that only resemble the context are accepted.
func TestContextWordsAreNotTooGreedy(t *testing.T) {
	t.Parallel()
	good := []string{"a!7$9#2@4&", "banana boat 1", "Xq3vTz_9fJb-W2", "io 4815162342 io", "84017263950", "jo-47-ann-11"}
	for _, email := range []string{"a@example.com", "jo@x.io", "b@b.b", "ann.x@q.de", "_@example.com"} {
		for _, p := range good {
			_, err := newWorld(t).auth.Register(t.Context(), domain.Registration{Email: email, Password: domain.NewPassword(p)})
			require.NoError(t, err, "%s chooses %s", email, p)
		}
	}
}

func TestTheBlocklist(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("blocklist/common.txt")
	require.NoError(t, err)
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		entry := strings.TrimSuffix(line, "\n")
		require.GreaterOrEqual(t, utf8.RuneCountInString(entry), domain.MinPassword, entry)
		require.Equal(t, norm.NFC.String(strings.ToLower(entry)), entry, "another form could never match")
		require.False(t, seen[entry], "%s is there twice", entry)
		seen[entry] = true
	}
	require.GreaterOrEqual(t, len(seen), 3000)
	require.FileExists(t, "blocklist/LICENSE.txt")

	w := newWorld(t)
	for _, common := range []string{"password", "12345678", "Qwertyuiop", "ILOVEYOU", "sunshine", "trustno1", "baseball"} {
		_, err := w.auth.Register(t.Context(), domain.Registration{Email: ada, Password: domain.NewPassword(common)})
		requireFields(t, err, "password password_too_common")
	}
}

func TestAPasswordIsNeverPrinted(t *testing.T) {
	t.Parallel()
	type hidden struct{ p domain.Password }
	secret := domain.NewPassword("hunter2hunter2")
	values := map[string]any{
		"value":       secret,
		"pointer":     &secret,
		"slice":       []domain.Password{secret},
		"map":         map[domain.Password]domain.Password{secret: secret},
		"credentials": domain.Credentials{Email: ada, Password: secret},
		"pointer to":  &domain.Registration{Email: ada, Password: secret},
		"unexported":  hidden{secret},
		"error":       fmt.Errorf("with %v", secret),
	}
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			for _, flag := range []string{"", "+", "#", " ", "-30", "030"} {
				for _, verb := range "vTtbcdoOqxXUeEfFgGspwz" {
					_, _ = fmt.Fprintf(&out, "%"+flag+string(verb)+"\n", value)
				}
			}
			_, _ = fmt.Fprintln(&out, value)
			slog.New(slog.NewTextHandler(&out, nil)).Info("log", "value", value)
			slog.New(slog.NewJSONHandler(&out, nil)).Info("log", "value", value)
			encoded, _ := json.Marshal(value)
			out.Write(encoded)
			encoded, _ = xml.Marshal(value)
			out.Write(encoded)
			for _, spelling := range []string{"hunter2", fmt.Sprintf("%x", "hunter2"), fmt.Sprintf("%X", "hunter2"), "104 117 110"} {
				require.NotContains(t, out.String(), spelling)
			}
		})
	}
	require.Equal(t, "[redacted]", fmt.Sprint(secret))
	encoded, err := json.Marshal(domain.PasswordChange{Current: secret, New: secret})
	require.NoError(t, err)
	require.JSONEq(t, `{"Current": "[redacted]", "New": "[redacted]", "Client": {"IP": "", "UserAgent": ""}}`, string(encoded))
}

func TestReveal(t *testing.T) {
	t.Parallel()
	p := domain.NewPassword(" cafe\u0301\x00 ")
	require.Equal(t, " cafe\u0301\x00 ", p.Reveal())
	require.Equal(t, " caf\u00e9\x00 ", p.RevealNFC())
	require.Empty(t, domain.Password{}.Reveal())
	require.Empty(t, domain.Password{}.RevealNFC())
}

// words returns a text of n characters that is neither common nor a pattern.
func words(n int) string {
	return strings.Repeat("seven brown foxes sing. ", n/24+1)[:n]
}

func TestAHigherMinimumHasItsOwnCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	options := w.options()
	options.MinPassword = 15
	w.open(t, options)
	for n, code := range map[int]string{7: "min_length", 8: "password_too_short", 14: "password_too_short", 15: ""} {
		bad := w.auth.CheckRegistration(domain.Registration{Email: ada, Password: domain.NewPassword(words(n))})
		if code == "" {
			require.Empty(t, bad)
		} else {
			requireFields(t, domain.Invalid(bad...), "password "+code)
		}
	}
}
