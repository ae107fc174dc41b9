package password

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
)

func TestBcryptIsAcceptedAndStale(t *testing.T) {
	t.Parallel()
	h := newCheap()
	for _, hash := range []string{
		soundBcrypt,
		strings.Replace(soundBcrypt, "$2a", "$2b", 1),
		strings.Replace(soundBcrypt, "$2a", "$2y", 1),
		strings.Replace(soundBcrypt, "CC.E5", "CC/E5", 1), // some programs set the unused bits after the salt
	} {
		require.True(t, h.Accepts(hash), hash)
		ok, stale := verify(t, h, hash, "U*U")
		require.True(t, ok, hash)
		require.True(t, stale, hash)
		ok, _ = verify(t, h, hash, "U*V")
		require.False(t, ok, hash)
	}
}

func TestBcryptVerifiesThePasswordAsSentAndInNFC(t *testing.T) {
	t.Parallel()
	const composed, decomposed = "caf\u00e9 cr\u00e8me", "cafe\u0301 cre\u0300me"
	cases := map[string]struct {
		hashed, sent string
		ok           bool
	}{
		"composed, as sent":        {composed, composed, true},
		"decomposed, as sent":      {decomposed, decomposed, true},
		"composed, sent otherwise": {composed, decomposed, true},
		"neither":                  {decomposed, composed, false},
		"upper case":               {"password", "Password", false},
		"behind a NUL":             {"pass\x00word", "pass\x00wort", false},
		"beyond bcrypt's 72":       {strings.Repeat("a", 72), strings.Repeat("a", 80), true},
		"within bcrypt's 72":       {strings.Repeat("a", 72), strings.Repeat("a", 71), false},
	}
	h := newCheap()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hash, err := bcrypt.GenerateFromPassword([]byte(c.hashed), bcrypt.MinCost)
			require.NoError(t, err)
			ok, stale := verify(t, h, string(hash), c.sent)
			require.Equal(t, c.ok, ok)
			require.True(t, stale)
		})
	}
}
