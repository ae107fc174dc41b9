package token

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestRememberedTokensExpire checks that a remembered token is refused when it expires, and when its key is removed.
func TestRememberedTokensExpire(t *testing.T) {
	t.Parallel()
	k := hmacKey("k", useSignature, time.Time{}, []byte("0123456789abcdef0123456789abcdef"))
	ring := ringOf(k)
	s := NewService(ring, options)
	token := sign(k, goodHeader(k).json(t), goodClaims().json(t))
	for range 2 {
		_, err := s.Verify(t.Context(), token, start)
		require.NoError(t, err)
	}
	_, remembered := ring.keys.Load().verified.get(token)
	require.True(t, remembered)

	_, err := s.Verify(t.Context(), token, start.Add(time.Hour))
	require.ErrorContains(t, err, "has expired")
	_, err = NewService(ring, Options{Issuer: "other", Audience: options.Audience}).Verify(t.Context(), token, start)
	require.ErrorContains(t, err, "iss")

	ring.keys.Store(newKeySet(hmacKey("other", useSignature, time.Time{}, []byte("fedcba9876543210fedcba9876543210"))))
	_, err = s.Verify(t.Context(), token, start)
	require.Error(t, err, "its key was removed")
}

func TestForgedTokensAreNotRemembered(t *testing.T) {
	t.Parallel()
	k := hmacKey("k", useSignature, time.Time{}, []byte("0123456789abcdef0123456789abcdef"))
	ring := ringOf(k)
	s := NewService(ring, options)
	forged := sign(hmacKey("k", useSignature, time.Time{}, []byte("fedcba9876543210fedcba9876543210")), goodHeader(k).json(t), goodClaims().json(t))
	for range 2 {
		_, err := s.Verify(t.Context(), forged, start)
		require.Error(t, err)
	}
	_, remembered := ring.keys.Load().verified.get(forged)
	require.False(t, remembered)
}

func TestRememberedTokensAreBounded(t *testing.T) {
	t.Parallel()
	var v verifiedTokens
	v.put("used", claims{UserID: 7})
	for i := range 3 * maxVerified {
		v.put(strconv.Itoa(i), claims{})
		if i%1000 == 0 {
			c, known := v.get("used")
			require.True(t, known, "tokens in use stay")
			require.EqualValues(t, 7, c.UserID)
		}
	}
	require.LessOrEqual(t, len(v.young)+len(v.old), 2*maxVerified)
	_, known := v.get("0")
	require.False(t, known)
}
