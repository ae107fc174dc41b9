package token

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

const goodEmailID = string(goodSession)

func mintEmail(t testing.TB, r *Ring, kind domain.MailKind, id string) string {
	t.Helper()
	token, err := r.MintEmailToken(kind, id)
	require.NoError(t, err)
	return token
}

func requireBadEmailToken(t testing.TB, r *Ring, token, why string) {
	t.Helper()
	kind, id, err := r.ParseEmailToken(token)
	require.Equal(t, error(domain.ErrBadEmailToken), err, why)
	require.Empty(t, kind)
	require.Empty(t, id)
}

func TestEmailTokenRoundTrip(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	seen := map[string]bool{}
	for _, kind := range emailKinds[1:] {
		for _, id := range []string{goodEmailID, "22222222222222222222222222", string(domain.NewSessionID())} {
			token := mintEmail(t, r, kind, id)
			require.Regexp(t, `^[A-Za-z0-9_-]{91}$`, token)
			require.False(t, seen[token])
			seen[token] = true
			require.Equal(t, token, mintEmail(t, secretRing(t), kind, id), "the same on every instance, at any time")
			gotKind, gotID, err := r.ParseEmailToken(token)
			require.NoError(t, err)
			require.Equal(t, kind, gotKind)
			require.Equal(t, id, gotID)
		}
	}
}

// TestEmailTokenIsTheSameAcrossReleases uses a value computed with Python's hmac module. If the value changed, links in
// mails that were sent already would fail.
func TestEmailTokenIsTheSameAcrossReleases(t *testing.T) {
	t.Parallel()
	require.Equal(t, "AYuK3p1z96VlAUFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaGtDBAEsrVnyssWBqZXICFKRtawTzh9yrxrytM-VejeU", mintEmail(t, secretRing(t), domain.MailReset, goodEmailID))
}

func TestMintEmailTokenRefuses(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	for _, kind := range []domain.MailKind{"", domain.MailPasswordChanged, "RESET"} {
		_, err := r.MintEmailToken(kind, goodEmailID)
		require.ErrorContains(t, err, "its kind has no tokens")
	}
	for _, id := range []string{"", goodEmailID[1:], goodEmailID + "A", strings.ToLower(goodEmailID), "A" + goodEmailID[2:] + "1"} {
		_, err := r.MintEmailToken(domain.MailReset, id)
		require.ErrorContains(t, err, "the ID is malformed")
	}
}

// TestEveryBitOfAnEmailTokenMatters changes each bit, and spells the token in other ways.
func TestEveryBitOfAnEmailTokenMatters(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	token := mintEmail(t, r, domain.MailReset, goodEmailID)
	data, err := decodeBase64URL(token)
	require.NoError(t, err)
	for i := range data {
		for bit := range 8 {
			data[i] ^= 1 << bit
			requireBadEmailToken(t, r, encodeBase64URL(data), "a changed bit")
			data[i] ^= 1 << bit
		}
	}
	last := strings.IndexByte(base64Alphabet, token[len(token)-1])
	stray := token[:len(token)-1] + string(base64Alphabet[last+1])
	for _, other := range []string{
		"", token[1:], token[:len(token)-1], token + "A", token + "=", token + "\n", " " + token, stray, token[:40] + "\n" + token[41:],
		strings.NewReplacer("-", "+", "_", "/").Replace(token) + "=", strings.Repeat("A", len(token)), strings.Repeat("A", 1<<20),
	} {
		requireBadEmailToken(t, r, other, "another text")
	}
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// TestEmailTokensOutliveARotation checks that the links in mails stay valid while the ring has their key.
func TestEmailTokensOutliveARotation(t *testing.T) {
	t.Parallel()
	old, other := randomKey(useRefresh, HS256, 0), randomKey(useRefresh, HS256, 1)
	token := mintEmail(t, ringOf(old), domain.MailConfirm, goodEmailID)
	both := ringOf(old, other)
	require.NotEqual(t, token, mintEmail(t, both, domain.MailConfirm, goodEmailID))
	kind, id, err := both.ParseEmailToken(token)
	require.NoError(t, err)
	require.Equal(t, domain.MailConfirm, kind)
	require.Equal(t, goodEmailID, id)
	requireBadEmailToken(t, ringOf(other), token, "the key is gone")
}

// TestAnEmailTokenIsNothingElse tries each kind of token where another is expected. All are made with keys of one ring.
func TestAnEmailTokenIsNothingElse(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	s := NewService(r, options)
	access, err := s.Issue(t.Context(), domain.Claims{UserID: 1, SessionID: goodSession, IssuedAt: start, ExpiresAt: start.Add(domain.MaxTokenLife)})
	require.NoError(t, err)
	others := map[string]string{
		"access": access, "refresh": mint(t, r, goodSession, 0), "refresh with epoch": mintIn(t, r, domain.NewEpochID(), goodSession, 0),
		"cursor": r.SealCursor(make([]byte, emailSize-cursorHead-cursorMAC)), "short cursor": r.SealCursor(nil),
	}
	for name, token := range others {
		requireBadEmailToken(t, r, token, name)
	}
	for _, kind := range emailKinds[1:] {
		token := mintEmail(t, r, kind, goodEmailID)
		_, err := s.Verify(t.Context(), token, start)
		require.ErrorIs(t, err, domain.ErrBadToken)
		_, err = r.ParseRefresh(token)
		require.ErrorIs(t, err, ErrBadRefresh)
		_, err = r.OpenCursor(token)
		require.ErrorIs(t, err, ErrBadCursor)
	}

	// The label separates the uses of one key: the MAC of the same bytes under another label is refused.
	k := r.current(useRefresh)
	token := mintEmail(t, r, domain.MailReset, goodEmailID)
	data, err := decodeBase64URL(token)
	require.NoError(t, err)
	signed := data[:emailMAC]
	for _, label := range [][]byte{nil, refreshLabel, cursorLabel} {
		requireBadEmailToken(t, r, encodeBase64URL(append(signed[:emailMAC:emailMAC], k.mac(label, signed)...)), "another label")
	}
}
