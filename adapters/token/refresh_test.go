package token

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// refreshMAC is the offset of the MAC in a token without an epoch.
const refreshMAC = refreshEpoch

const goodSession domain.SessionID = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// requireBadRefresh checks that a token is refused, and that the error contains no part of it.
func requireBadRefresh(t *testing.T, r *Ring, token, reason string) {
	t.Helper()
	parsed, err := r.ParseRefresh(token)
	require.ErrorIs(t, err, ErrBadRefresh)
	require.ErrorContains(t, err, reason)
	require.Zero(t, parsed)
	requireNoTrace(t, err.Error(), token)
}

func mint(t testing.TB, r *Ring, sid domain.SessionID, n int64) string {
	t.Helper()
	return mintIn(t, r, "", sid, n)
}

// mintIn mints a token of an epoch.
func mintIn(t testing.TB, r *Ring, epoch string, sid domain.SessionID, n int64) string {
	t.Helper()
	token, err := r.MintRefresh(domain.RefreshToken{KeyID: r.RefreshKeyID(), Epoch: epoch, SessionID: sid, N: n})
	require.NoError(t, err)
	return token
}

func TestRefreshTokenRoundTrip(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	seen := map[string]bool{}
	for _, sid := range []domain.SessionID{goodSession, "22222222222222222222222222", domain.NewSessionID()} {
		for _, n := range []int64{0, 1, 255, 256, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64} {
			token := mint(t, r, sid, n)
			require.Regexp(t, `^[A-Za-z0-9_-]{100}$`, token)
			require.False(t, seen[token])
			seen[token] = true
			require.Equal(t, token, mint(t, secretRing(t), sid, n), "the same on every instance, at any time")

			got, err := r.ParseRefresh(token)
			require.NoError(t, err)
			require.Equal(t, domain.RefreshToken{KeyID: r.RefreshKeyID(), SessionID: sid, N: n}, got)
		}
	}
}

// TestRefreshTokenIsTheSameForever uses a value computed with Python's hmac module. If the value changed, every session of a
// running service would end.
func TestRefreshTokenIsTheSameForever(t *testing.T) {
	t.Parallel()
	require.Equal(t, "AYuK3p1z96VlQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoAAAAAAAAAB6VkEZVWNdb17Bust4Qi25U5x847SKcF6dPdCLzAggh5", mint(t, secretRing(t), goodSession, 7))
}

func TestMintRefreshRefuses(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	id := r.RefreshKeyID()
	tests := map[string]struct {
		kid string
		sid domain.SessionID
		n   int64
	}{
		"no kid":                      {"", goodSession, 1},
		"an unknown kid":              {"stranger", goodSession, 1},
		"the kid of a signing key":    {r.current(useSignature).id, goodSession, 1},
		"the kid of a cursor key":     {r.current(useCursor).id, goodSession, 1},
		"no session":                  {id, "", 1},
		"a session of 25 characters":  {id, goodSession[1:], 1},
		"a session of 27 characters":  {id, goodSession + "A", 1},
		"a session in lower case":     {id, "abcdefghijklmnopqrstuvwxyz", 1},
		"a session with a 1":          {id, "ABCDEFGHIJKLMNOPQRSTUVWXY1", 1},
		"a session with a 1 within":   {id, "ABCDEFGHIJKLM1OPQRSTUVWXYZ", 1},
		"a session of 26 other bytes": {id, domain.SessionID(strings.Repeat("\x00", 26)), 1},
		"n below 0":                   {id, goodSession, -1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token, err := r.MintRefresh(domain.RefreshToken{KeyID: test.kid, SessionID: test.sid, N: test.n})
			require.Error(t, err)
			require.Empty(t, token)
			requireNoTrace(t, err.Error(), test.kid, string(test.sid))
		})
	}
}

func TestEveryBitOfARefreshTokenCounts(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	token := mint(t, r, goodSession, 7)
	data, err := decodeBase64URL(token)
	require.NoError(t, err)
	for i := range 8 * len(data) {
		data[i/8] ^= 1 << (i % 8)
		_, err := r.ParseRefresh(b64(string(data)))
		require.ErrorIs(t, err, ErrBadRefresh, "bit %d", i)
		data[i/8] ^= 1 << (i % 8)
	}
	for i := range 8 * len(token) {
		mangled := []byte(token)
		mangled[i/8] ^= 1 << (i % 8)
		_, err := r.ParseRefresh(string(mangled))
		require.ErrorIs(t, err, ErrBadRefresh, "bit %d of the text", i)
	}
}

func TestMangledRefreshTokens(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useRefresh)
	token := mint(t, r, goodSession, 7)
	data, err := decodeBase64URL(token)
	require.NoError(t, err)
	body := data[:refreshMAC]
	// made returns a token with a MAC by any key over any parts.
	made := func(body []byte, by key, parts ...[]byte) string {
		return b64(string(append(bytes.Clone(body), by.mac(parts...)...)))
	}
	edited := func(at int, with string) []byte {
		body := bytes.Clone(body)
		copy(body[at:], with)
		return body
	}
	other, err := FromSecret([]byte(otherSecret), nil)
	require.NoError(t, err)
	counted := bytes.Clone(body)
	binary.BigEndian.PutUint64(counted[refreshCounter:], 8)
	signer, cursor := r.current(useSignature), r.current(useCursor)
	// named returns a body with a key id.
	named := func(k key) []byte { return edited(1, string(k.tag[:])) }
	newer, stranger := edited(0, "\x02"), hmacKey("stranger", useRefresh, start, k.secret.material)
	tests := map[string]struct{ token, reason string }{
		"empty":                        {"", "length"},
		"padded":                       {token + "=", "length"},
		"with a newline":               {token + "\n", "length"},
		"twice":                        {token + token, "length"},
		"cut by a character":           {token[:99], "length"},
		"cut by a byte":                {b64(string(data[:len(data)-1])), "length"},
		"a byte more":                  {b64(string(data) + "x"), "length"},
		"1 MB":                         {strings.Repeat("A", 1<<20), "length"},
		"a newline in it":              {token[:50] + "\n" + token[51:], "base64url"},
		"a newline for its last":       {token[:99] + "\n", "base64url"},
		"four newlines in it":          {token[:48] + "\n\n\n\n" + token[52:], "base64url"},
		"newlines only":                {strings.Repeat("\n", 100), "base64url"},
		"in standard base64":           {token[:50] + "+" + token[51:], "base64url"},
		"padded within its length":     {token[:98] + "==", "base64url"},
		"a space in front":             {" " + token[1:], "base64url"},
		"zeros":                        {strings.Repeat("A", 100), "version"},
		"of another version":           {made(newer, k, refreshLabel, newer), "version"},
		"of another secret":            {mint(t, other, goodSession, 7), "its key is unknown"},
		"of a key unknown":             {made(named(stranger), stranger, refreshLabel, named(stranger)), "its key is unknown"},
		"said to be by the signer":     {made(named(signer), signer, refreshLabel, named(signer)), "its key is unknown"},
		"said to be by the cursor's":   {made(named(cursor), cursor, refreshLabel, named(cursor)), "its key is unknown"},
		"by the signing key":           {made(body, signer, refreshLabel, body), "MAC is wrong"},
		"by the cursor key":            {made(body, cursor, refreshLabel, body), "MAC is wrong"},
		"by the secret itself":         {made(body, hmacKey(k.id, useRefresh, start, []byte(goodSecret)), refreshLabel, body), "MAC is wrong"},
		"without its label":            {made(body, k, body), "MAC is wrong"},
		"with the label of cursors":    {made(body, k, cursorLabel, body), "MAC is wrong"},
		"of the next n, MAC kept":      {b64(string(append(counted, data[refreshMAC:]...))), "MAC is wrong"},
		"of another session":           {b64(string(append(edited(refreshSession, "B"), data[refreshMAC:]...))), "MAC is wrong"},
		"without a MAC":                {b64(string(body) + strings.Repeat("\x00", 32)), "MAC is wrong"},
		"the MAC of another":           {b64(string(body) + mint(t, r, goodSession, 8)[:32]), "MAC is wrong"},
		"of 16 bytes of the right one": {b64(string(data[:refreshMAC+16]) + strings.Repeat("\x00", 16)), "MAC is wrong"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireBadRefresh(t, r, test.token, test.reason)
		})
	}
	require.Equal(t, token, made(body, k, refreshLabel, body), "without a change, made returns the valid token")
}

// TestTokensAreNotInterchangeable checks SECURITY R-08: no kind of token is accepted as another kind.
func TestTokensAreNotInterchangeable(t *testing.T) {
	t.Parallel()
	for _, a := range algorithms {
		k := keyOf(a)
		r := ringOf(k)
		access, refresh := sign(k, goodHeader(k).json(t), goodClaims().json(t)), mint(t, r, goodSession, 1)
		cursor := r.SealCursor(make([]byte, refreshMAC+macWidth-cursorHead-cursorMAC))
		require.Len(t, cursor, len(refresh))

		requireBadRefresh(t, r, access, "length")
		for part := range strings.SplitSeq(access, ".") {
			requireBadRefresh(t, r, part, "")
		}
		requireBadRefresh(t, r, cursor, "its key is unknown")
		for _, token := range []string{refresh, refresh + ".", "." + refresh + ".", refresh + "." + refresh + "." + refresh} {
			_, err := NewService(r, options).Verify(t.Context(), token, start)
			require.ErrorIs(t, err, domain.ErrBadToken)
		}
		_, err := r.OpenCursor(refresh)
		require.ErrorIs(t, err, ErrBadCursor)
		requireRefused(t, r, "the kid is missing or unknown", map[string]string{
			string(a): sign(k, goodHeader(k).with(fields{"kid": r.RefreshKeyID()}).json(t), goodClaims().json(t)),
		})
	}
}

func TestRefreshTokensOutliveTheRotationOfTheirKey(t *testing.T) {
	t.Parallel()
	path, clock := newKeyFile(t), newTestClock()
	r := openRing(t, path, clock.Now, io.Discard)
	first := r.RefreshKeyID()
	before := mint(t, r, goodSession, 1)
	added, err := RotateAllFile(path, clock.Now(), "")
	require.NoError(t, err)
	r.reload()
	second := added[1].KeyID

	clock.Add(rotationDelay - time.Second)
	require.Equal(t, first, r.RefreshKeyID(), "every instance knows a new key before it is used")
	clock.Add(time.Second)
	require.Equal(t, second, r.RefreshKeyID())

	for range 10 {
		clock.Add(9 * 24 * time.Hour)
		_, err := RotateFile(path, clock.Now(), "")
		require.NoError(t, err)
		r.reload()
	}
	parsed, err := r.ParseRefresh(before)
	require.NoError(t, err, "after 90 days and 10 rotations")
	require.Equal(t, first, parsed.KeyID)
	again, err := r.MintRefresh(domain.RefreshToken{KeyID: first, SessionID: goodSession, N: 1})
	require.NoError(t, err)
	require.Equal(t, before, again, "a session keeps the key that it began with")
	after := mint(t, r, goodSession, 1)
	require.NotEqual(t, before, after)

	// The tag of one key with the content of a token of the other key.
	swapped, err := decodeBase64URL(before)
	require.NoError(t, err)
	tag := tagOf(second)
	copy(swapped[1:], tag[:])
	requireBadRefresh(t, r, b64(string(swapped)), "MAC is wrong")

	// A leaked key is removed by hand. Its tokens are then refused.
	keys := readSet(t, path)
	require.Equal(t, first, keys[0]["kid"])
	writeSet(t, path, keys[1:])
	r.reload()
	requireBadRefresh(t, r, before, "its key is unknown")
	_, err = r.MintRefresh(domain.RefreshToken{KeyID: first, SessionID: goodSession, N: 1})
	require.Error(t, err)
	_, err = r.ParseRefresh(after)
	require.NoError(t, err)
}

func TestUnknownRefreshKeyMakesTheRingReadAtMostOnceASecond(t *testing.T) {
	t.Parallel()
	path, clock := newKeyFile(t), newTestClock()
	r := openRing(t, path, clock.Now, io.Discard)
	// elsewhere returns a token of another instance that has just read a new key.
	elsewhere := func() string {
		keys, err := parseKeySet(mustRead(t, path), start)
		require.NoError(t, err)
		require.NoError(t, replaceFile(path, append(keys, randomKey(useRefresh, HS256, start.Unix()))))
		return mint(t, openRing(t, path, clock.Now, io.Discard), goodSession, 1)
	}
	_, err := r.ParseRefresh(elsewhere())
	require.NoError(t, err)
	second := elsewhere()
	requireBadRefresh(t, r, second, "its key is unknown")
	clock.Add(time.Second)
	_, err = r.ParseRefresh(second)
	require.NoError(t, err)
}
