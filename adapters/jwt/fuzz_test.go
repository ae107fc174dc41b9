package jwt

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// FuzzVerify looks for a token that passes although the ring did not issue it. One token has one spelling only.
func FuzzVerify(f *testing.F) {
	r := secretRing(f)
	k := r.current(useSignature)
	s := NewTokenService(r, options)
	issued := sign(k, goodHeader(k).json(f), goodClaims().json(f))
	parts := strings.Split(issued, ".")
	for _, seed := range []string{
		issued, "", "..", issued + "=", issued + "\n", parts[0] + "." + parts[1] + ".",
		b64(`{"alg":"none","typ":"at+jwt","kid":"`+k.id+`"}`) + "." + parts[1] + ".",
		`{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		_, err := s.Verify(t.Context(), token, start)
		if err == nil {
			require.Equal(t, issued, token)
			return
		}
		require.ErrorIs(t, err, domain.ErrBadToken)
	})
}

// FuzzVerifySigned looks for a header and claims that pass, once signed, although a rule says no.
func FuzzVerifySigned(f *testing.F) {
	r := secretRing(f)
	k := r.current(useSignature)
	s := NewTokenService(r, options)
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

// FuzzOpenCursor looks for a cursor that opens although the ring did not seal it. One cursor has one spelling only.
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
