package token

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

const otherSecret = "Zt6#pLw1$Qm8@Xc4^Vr0&Bn5*Jk9!Hs2"

func TestFromSecretDerivesDistinctKeys(t *testing.T) {
	t.Parallel()
	r, err := FromSecret([]byte(goodSecret), []byte(otherSecret))
	require.NoError(t, err)
	seen := map[string]bool{goodSecret: true, otherSecret: true}
	for _, use := range uses {
		for _, k := range r.keys.Load().byUse[use] {
			require.Len(t, k.secret.material, 32)
			for _, value := range []string{string(k.secret.material), k.id} {
				require.False(t, seen[value], "two outputs are the same")
				seen[value] = true
			}
		}
	}
	require.Len(t, seen, 2+2*2*len(uses))
	requireNoTrace(t, goodSecret, r.Keys()[0].KeyID)
}

func TestFromSecretIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	require.Equal(t, r.keys.Load(), secretRing(t).keys.Load())
	// These values are computed with Python's hmac module. If they changed, every session of a running service would end.
	require.Equal(t, []KeyInfo{
		{KeyID: "sEOAiVFjD0fQTaPD", Use: "sig", Algorithm: "HS256", State: "signing"},
		{KeyID: "o-wzbJzQHN2EJbgz", Use: "refresh", Algorithm: "HS256", State: "active"},
		{KeyID: "yGjxRRSxkKgQj9RI", Use: "cursor", Algorithm: "HS256", State: "active"},
	}, r.Keys())
}

func TestPreviousSecretVerifies(t *testing.T) {
	t.Parallel()
	before, err := FromSecret([]byte(otherSecret), nil)
	require.NoError(t, err)
	after, err := FromSecret([]byte(goodSecret), []byte(otherSecret))
	require.NoError(t, err)
	claims := domain.Claims{UserID: 1, SessionID: "s", IssuedAt: start, ExpiresAt: start.Add(time.Minute)}

	old, err := NewService(before, options).Issue(t.Context(), claims)
	require.NoError(t, err)
	_, err = NewService(after, options).Verify(t.Context(), old, start)
	require.NoError(t, err)
	_, err = after.OpenCursor(before.SealCursor([]byte("x")))
	require.NoError(t, err)

	fresh, err := NewService(after, options).Issue(t.Context(), claims)
	require.NoError(t, err)
	_, err = NewService(before, options).Verify(t.Context(), fresh, start)
	require.ErrorIs(t, err, domain.ErrBadToken, "the current secret signs")

	states := []string{}
	for _, k := range after.Keys() {
		states = append(states, k.State)
	}
	require.Equal(t, []string{"verifying", "signing", "verifying", "active", "verifying", "active"}, states)
}

func TestFromSecretRefusesBadSecrets(t *testing.T) {
	t.Parallel()
	_, err := FromSecret([]byte("short"), nil)
	require.ErrorIs(t, err, errShortSecret)
	_, err = FromSecret(nil, nil)
	require.ErrorIs(t, err, errShortSecret)
	_, err = FromSecret([]byte(goodSecret), []byte("short"))
	require.ErrorIs(t, err, errShortSecret)
	require.ErrorContains(t, err, "previous")
	_, err = FromSecret([]byte(goodSecret), []byte(goodSecret))
	require.Error(t, err)
	requireNoTrace(t, err.Error(), goodSecret)
}
