package token

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// TestTheEpochOfATokenIsOptional matters because instances of an older release make tokens without an epoch, and read those of a
// store's first epoch.
func TestTheEpochOfATokenIsOptional(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	service := NewService(r, options)
	claims := domain.Claims{UserID: 42, SessionID: goodSession, IssuedAt: start, ExpiresAt: start.Add(domain.MaxTokenLife)}
	for _, epoch := range []string{"", "e", domain.NewEpochID(), strings.Repeat("e", 64), `"e\u00e9`} {
		claims.Epoch = epoch
		token, err := service.Issue(t.Context(), claims)
		require.NoError(t, err)
		got, err := service.Verify(t.Context(), token, start)
		require.NoError(t, err)
		require.Equal(t, claims, got)
	}
	claims.Epoch = strings.Repeat("e", 65)
	_, err := service.Issue(t.Context(), claims)
	require.ErrorContains(t, err, "epo")
}

func TestARefreshTokenCarriesItsEpoch(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	seen := map[string]bool{mint(t, r, goodSession, 0): true}
	for _, epoch := range []string{"e", "f", "ee", domain.NewEpochID(), strings.Repeat("0123456789abcdef", 2)} {
		for _, n := range []int64{0, 1, math.MaxInt64} {
			token := mintIn(t, r, epoch, goodSession, n)
			require.Regexp(t, `^[A-Za-z0-9_-]{144}$`, token)
			require.False(t, seen[token])
			seen[token] = true
			require.Equal(t, token, mintIn(t, secretRing(t), epoch, goodSession, n), "the same on every instance")
			got, err := r.ParseRefresh(token)
			require.NoError(t, err)
			require.Equal(t, domain.RefreshToken{KeyID: r.RefreshKeyID(), Epoch: epoch, SessionID: goodSession, N: n}, got)
		}
	}
	_, err := r.MintRefresh(domain.RefreshToken{KeyID: r.RefreshKeyID(), Epoch: strings.Repeat("e", 33), SessionID: goodSession})
	require.Error(t, err)
}

// TestRefreshTokenOfAnEpochIsTheSameForever uses a value computed with Python's hmac module. If the value changed, every
// session of a running service would end.
func TestRefreshTokenOfAnEpochIsTheSameForever(t *testing.T) {
	t.Parallel()
	token := mintIn(t, secretRing(t), "0123456789abcdef0123456789abcdef", goodSession, 7)
	require.Equal(t, "AouK3p1z96VlQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoAAAAAAAAAByAwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZlY0ltV--6Z0UWIGDLpXAty1Whp1UJS6pEzhk2vdTyOk", token)
}

func TestEveryBitOfARefreshTokenOfAnEpochCounts(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	data, err := decodeBase64URL(mintIn(t, r, domain.NewEpochID(), goodSession, 7))
	require.NoError(t, err)
	for i := range 8 * len(data) {
		data[i/8] ^= 1 << (i % 8)
		_, err := r.ParseRefresh(b64(string(data)))
		require.ErrorIs(t, err, ErrBadRefresh, "bit %d", i)
		data[i/8] ^= 1 << (i % 8)
	}
	short := mint(t, r, goodSession, 7)
	requireBadRefresh(t, r, short+short[:44], "version")
}
