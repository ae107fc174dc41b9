package token

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestIssueThenVerify(t *testing.T) {
	t.Parallel()
	for _, a := range algorithms {
		s := NewService(ringOf(keyOf(a)), options)
		want := domain.Claims{UserID: domain.MaxID, SessionID: domain.NewSessionID(), IssuedAt: start, ExpiresAt: start.Add(domain.MaxTokenLife)}
		token, err := s.Issue(t.Context(), want)
		require.NoError(t, err)
		got, err := s.Verify(t.Context(), token, start)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestIssuedTokenConformsToRFC9068(t *testing.T) {
	t.Parallel()
	for _, a := range algorithms {
		t.Run(string(a), func(t *testing.T) {
			t.Parallel()
			requireRFC9068(t, ringOf(keyOf(a)))
		})
	}
}

func requireRFC9068(t *testing.T, r *Ring) {
	t.Helper()
	s := NewService(r, options)
	c := domain.Claims{UserID: 42, SessionID: "session", Epoch: "epoch", IssuedAt: start, ExpiresAt: start.Add(30 * time.Minute)}
	token, err := s.Issue(t.Context(), c)
	require.NoError(t, err)
	parts := strings.Split(token, ".")
	require.Len(t, parts, 3)

	header, err := decodeBase64URL(parts[0])
	require.NoError(t, err)
	require.JSONEq(t, goodHeader(r.current(useSignature)).json(t), string(header))

	payload, err := decodeBase64URL(parts[1])
	require.NoError(t, err)
	var said map[string]any
	require.NoError(t, json.Unmarshal(payload, &said))
	jti, _ := said["jti"].(string)
	require.GreaterOrEqual(t, len(jti), 26, "128 random bits in base32")
	require.JSONEq(t, goodClaims().with(fields{"jti": jti, "sid": "session", "epo": "epoch"}).json(t), string(payload))

	again, err := s.Issue(t.Context(), c)
	require.NoError(t, err)
	require.NotEqual(t, token, again, "each token has its own jti")
}

func TestIssueRefusesWhatVerifyWouldRefuse(t *testing.T) {
	t.Parallel()
	good := domain.Claims{UserID: 1, SessionID: "s", IssuedAt: start, ExpiresAt: start.Add(time.Minute)}
	tests := map[string]struct {
		options Options
		edit    func(*domain.Claims)
	}{
		"no life":             {options, func(c *domain.Claims) { c.ExpiresAt = start }},
		"a life too long":     {options, func(c *domain.Claims) { c.ExpiresAt = start.Add(domain.MaxTokenLife + time.Second) }},
		"no user":             {options, func(c *domain.Claims) { c.UserID = 0 }},
		"a user out of range": {options, func(c *domain.Claims) { c.UserID = domain.MaxID + 1 }},
		"no session":          {options, func(c *domain.Claims) { c.SessionID = "" }},
		"no issuer":           {Options{Audience: "a"}, func(*domain.Claims) {}},
		"no audience":         {Options{Issuer: "i"}, func(*domain.Claims) {}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := good
			test.edit(&c)
			token, err := NewService(secretRing(t), test.options).Issue(t.Context(), c)
			require.Error(t, err)
			require.Empty(t, token)
		})
	}
}

func TestVerifyAcceptsWhatTheRulesAllow(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useSignature)
	tests := map[string]struct {
		header, claims fields
		now            time.Time
	}{
		"at once":                        {now: start},
		"until the last moment":          {now: start.Add(30*time.Minute - time.Microsecond)},
		"iat and nbf 30 s ahead":         {now: start.Add(-30 * time.Second)},
		"an hour of life":                {claims: fields{"exp": start.Add(time.Hour).Unix()}, now: start},
		"the largest user":               {claims: fields{"user_id": int64(domain.MaxID), "sub": "9007199254740991"}, now: start},
		"identifiers of 64 bytes":        {claims: fields{"jti": strings.Repeat("j", 64), "sid": strings.Repeat("s", 64)}, now: start},
		"claims it does not know":        {claims: fields{"scope": "x", "cnf": fields{"jkt": "y"}}, now: start},
		"members it does not know":       {header: fields{"x": 1}, now: start},
		"a key in the header is ignored": {header: fields{"jwk": fields{"kty": "oct", "k": "AAAA"}, "jku": "https://evil.example/", "x5u": "https://evil.example/", "x5c": []string{"AAAA"}}, now: start},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := sign(k, goodHeader(k).with(test.header).json(t), goodClaims().with(test.claims).json(t))
			_, err := NewService(r, options).Verify(t.Context(), token, test.now)
			require.NoError(t, err)
		})
	}
}

func TestVerifyWithoutOptionsAcceptsNothing(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useSignature)
	token := sign(k, goodHeader(k).json(t), goodClaims().with(fields{"iss": "", "aud": ""}).json(t))
	_, err := NewService(r, Options{}).Verify(t.Context(), token, start)
	require.ErrorIs(t, err, domain.ErrBadToken)
}

func TestVerifyAtTheBoundsOfTime(t *testing.T) {
	t.Parallel()
	r := secretRing(t)
	k := r.current(useSignature)
	late := start.Add(31 * time.Second).Unix()
	tests := map[string]struct {
		claims fields
		now    time.Time
		reason string
	}{
		"at exp":             {nil, start.Add(30 * time.Minute), "expired"},
		"after exp":          {nil, start.Add(30*time.Minute + time.Second), "expired"},
		"iat 31 s ahead":     {fields{"iat": late}, start, "iat is in the future"},
		"nbf 31 s ahead":     {fields{"nbf": late}, start, "nbf is in the future"},
		"iat 30 s and a bit": {nil, start.Add(-30*time.Second - time.Microsecond), "iat is in the future"},
		"an hour and 1 s":    {fields{"exp": start.Add(time.Hour + time.Second).Unix()}, start, "valid lifetime"},
		"exp at iat":         {fields{"iat": start.Unix() + 20, "exp": start.Unix() + 20}, start, "valid lifetime"},
		"exp before iat":     {fields{"iat": start.Unix() + 20, "exp": start.Unix() + 10}, start, "valid lifetime"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := sign(k, goodHeader(k).json(t), goodClaims().with(test.claims).json(t))
			_, err := NewService(r, options).Verify(t.Context(), token, test.now)
			require.ErrorIs(t, err, domain.ErrBadToken)
			require.ErrorContains(t, err, test.reason)
		})
	}
}

// BenchmarkVerify compares the first check of a token with the next ones.
func BenchmarkVerify(b *testing.B) {
	for _, a := range algorithms {
		k := keyOf(a)
		s := NewService(ringOf(k), options)
		token := sign(k, goodHeader(k).json(b), goodClaims().json(b))
		b.Run(string(a)+"/first", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.read(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(string(a)+"/remembered", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Verify(b.Context(), token, start); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
