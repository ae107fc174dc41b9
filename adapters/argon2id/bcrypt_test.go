package argon2id

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
)

func TestBcryptIsAcceptedAndStale(t *testing.T) {
	t.Parallel()
	h := newCheap()
	// The vector is Solar Designer's (crypt_blowfish, wrapper.c).
	const tail = "$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	for _, variant := range []string{"$2a", "$2b", "$2y"} {
		ok, stale := verify(t, h, variant+tail, "U*U")
		require.True(t, ok, variant)
		require.True(t, stale, variant)
		ok, _ = verify(t, h, variant+tail, "U*V")
		require.False(t, ok, variant)
	}
}

func TestBcryptIsTriedAsSentThenInNFC(t *testing.T) {
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
