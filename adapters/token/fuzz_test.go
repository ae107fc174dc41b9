package token

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// FuzzVerify looks for a token that is accepted although the ring did not issue it. A token has only one spelling, except
// that ES256 allows a second signature, with n - s for s. No code uses the text of a token as its identity.
func FuzzVerify(f *testing.F) {
	k, other := fixedKey(f, HS256), fixedKey(f, EdDSA)
	s := NewService(ringOf(k, other), options)
	issued := sign(k, goodHeader(k).json(f), goodClaims().json(f))
	byOther := sign(other, goodHeader(other).json(f), goodClaims().json(f))
	parts := strings.Split(issued, ".")
	for _, seed := range []string{
		issued, byOther, sign(k, goodHeader(other).json(f), goodClaims().json(f)), "", "..", issued + "=", issued + "\n", parts[0] + "." + parts[1] + ".",
		b64(`{"alg":"none","typ":"at+jwt","kid":"`+k.id+`"}`) + "." + parts[1] + ".",
		`{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		_, err := s.Verify(t.Context(), token, start)
		if err == nil {
			require.Contains(t, []string{issued, byOther}, token)
			return
		}
		require.ErrorIs(t, err, domain.ErrBadToken)
	})
}

// fixedKey returns the same key in every process of a fuzzing run.
func fixedKey(t testing.TB, a Algorithm) key {
	t.Helper()
	s, err := schemes[a].open([]byte(goodSecret))
	require.NoError(t, err)
	return newKey("fixed-"+string(a), useSignature, a, start, s)
}

// FuzzVerifySigned looks for a signed header and claims that are accepted against a rule.
func FuzzVerifySigned(f *testing.F) {
	r := secretRing(f)
	k := r.current(useSignature)
	s := NewService(r, options)
	header, payload := goodHeader(k).json(f), goodClaims().json(f)
	f.Add(header, payload)
	f.Add(header, `{"USER_ID":1,`+payload[1:])
	f.Add(`{"crit":[],`+header[1:], payload)
	f.Add(header, strings.Replace(payload, "42", "4.2e1", 1))
	f.Fuzz(func(t *testing.T, header, payload string) {
		c, err := s.Verify(t.Context(), sign(k, header, payload), start)
		if err != nil {
			require.ErrorIs(t, err, domain.ErrBadToken)
			require.Zero(t, c)
			return
		}
		var members map[string]any
		require.NoError(t, json.Unmarshal([]byte(header), &members))
		require.NotContains(t, members, "crit")
		require.Equal(t, k.id, members["kid"])
		require.True(t, 1 <= c.UserID && c.UserID <= domain.MaxID)
		require.NotEmpty(t, c.SessionID)
		require.True(t, c.ExpiresAt.After(start))
		require.False(t, c.IssuedAt.After(start.Add(maxSkew)))
		require.LessOrEqual(t, c.ExpiresAt.Sub(c.IssuedAt), domain.MaxTokenLife)
	})
}

// FuzzOpenCursor looks for a cursor that opens although the ring did not seal it. A cursor has only one spelling.
func FuzzOpenCursor(f *testing.F) {
	r := secretRing(f)
	for _, payload := range []string{"", "x", "a payload"} {
		f.Add(r.SealCursor([]byte(payload)))
	}
	f.Add("")
	f.Add("AQ==")
	f.Fuzz(func(t *testing.T, cursor string) {
		payload, err := r.OpenCursor(cursor)
		if err != nil {
			require.ErrorIs(t, err, ErrBadCursor)
			return
		}
		require.Equal(t, r.SealCursor(payload), cursor)
	})
}

// FuzzParseRefresh looks for a refresh token that is accepted although the ring did not mint it. A token has only one spelling.
func FuzzParseRefresh(f *testing.F) {
	r := secretRing(f)
	for n := range int64(3) {
		f.Add(mint(f, r, goodSession, n))
		f.Add(mintIn(f, r, domain.NewEpochID(), goodSession, n))
	}
	f.Add("")
	f.Add(strings.Repeat("A", 100))
	f.Add(r.SealCursor(make([]byte, refreshMAC+macWidth-cursorHead-cursorMAC)))
	f.Fuzz(func(t *testing.T, token string) {
		parsed, err := r.ParseRefresh(token)
		if err != nil {
			require.ErrorIs(t, err, ErrBadRefresh)
			return
		}
		minted, err := r.MintRefresh(parsed)
		require.NoError(t, err)
		require.Equal(t, minted, token)
	})
}

// FuzzParseEmailToken looks for an e-mail token that is accepted although the ring did not mint it. A token has only one
// spelling.
func FuzzParseEmailToken(f *testing.F) {
	r := secretRing(f)
	for _, kind := range emailKinds[1:] {
		f.Add(mintEmail(f, r, kind, goodEmailID))
	}
	f.Add("")
	f.Add(mint(f, r, goodSession, 1))
	f.Add(r.SealCursor(make([]byte, emailSize-cursorHead-cursorMAC)))
	f.Fuzz(func(t *testing.T, token string) {
		kind, id, err := r.ParseEmailToken(token)
		if err != nil {
			require.Equal(t, error(domain.ErrBadEmailToken), err)
			return
		}
		minted, err := r.MintEmailToken(kind, id)
		require.NoError(t, err)
		require.Equal(t, minted, token)
	})
}

// FuzzParseKeySet looks for a key file that is accepted although this package would write its keys differently.
func FuzzParseKeySet(f *testing.F) {
	for _, a := range algorithms {
		data, err := json.Marshal(map[string][]jwk{"keys": {fixedKey(f, a).jwk()}})
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := decodeJWKSet(data)
		if err != nil {
			return
		}
		for _, j := range set.Keys {
			k, err := j.key()
			if err != nil {
				continue
			}
			require.Equal(t, j, k.jwk())
			require.Equal(t, j.Algorithm, k.algorithm())
			signature, err := k.sign("text")
			require.NoError(t, err)
			require.True(t, k.verify("text", signature))
		}
	})
}
