package token

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	jwxjwk "github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
	jwxjwt "github.com/lestrrat-go/jwx/v3/jwt"
	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// TestOthersVerifyWithTheJWKSet verifies issued tokens with only the JWK Set and the library jwx, which knows both names of
// Ed25519.
func TestOthersVerifyWithTheJWKSet(t *testing.T) {
	t.Parallel()
	for _, a := range asymmetric {
		t.Run(string(a), func(t *testing.T) {
			t.Parallel()
			r := ringOf(keyOf(EdDSA), keyOf(Ed25519), keyOf(ES256), keyOf(a))
			want := domain.Claims{UserID: 42, SessionID: domain.NewSessionID(), IssuedAt: start, ExpiresAt: start.Add(30 * time.Minute)}
			token, err := NewService(r, options).Issue(t.Context(), want)
			require.NoError(t, err)
			set := publishedSet(t, r, 4)
			verifyElsewhere := func(token string, by jwxjwt.ParseOption) (jwxjwt.Token, error) {
				return jwxjwt.ParseString(token, by, jwxjwt.WithIssuer(options.Issuer), jwxjwt.WithAudience(options.Audience),
					jwxjwt.WithSubject("42"), jwxjwt.WithClock(jwxjwt.ClockFunc(func() time.Time { return start })))
			}
			verified, err := verifyElsewhere(token, jwxjwt.WithKeySet(set))
			require.NoError(t, err)
			var user float64
			var session string
			require.NoError(t, verified.Get("user_id", &user))
			require.NoError(t, verified.Get("sid", &session))
			require.Equal(t, []any{42.0, string(want.SessionID)}, []any{user, session})

			parts := strings.Split(token, ".")
			forged := strings.Join([]string{parts[0], b64(goodClaims().with(fields{"user_id": 43}).json(t)), parts[2]}, ".")
			_, err = verifyElsewhere(forged, jwxjwt.WithKeySet(set))
			require.ErrorIs(t, err, jws.VerificationError())
			first, _ := set.Key(0)
			_, err = verifyElsewhere(token, jwxjwt.WithKey(algorithmElsewhere(t, EdDSA), first))
			require.Error(t, err, "with another key")
		})
	}
}

// publishedSet parses the JWK Set of a ring with jwx. It requires n keys, all of them public, and one of the algorithm that
// signs.
func publishedSet(t *testing.T, r *Ring, n int) jwxjwk.Set {
	t.Helper()
	set, err := jwxjwk.Parse(r.JWKS())
	require.NoError(t, err)
	require.Equal(t, n, set.Len())
	for i := range n {
		k, _ := set.Key(i)
		require.NoError(t, k.Validate())
		private, err := jwxjwk.IsPrivateKey(k)
		require.NoError(t, err)
		require.False(t, private)
	}
	signing := r.current(useSignature)
	k, known := set.LookupKeyID(signing.id)
	require.True(t, known)
	algorithm, _ := k.Algorithm()
	use, _ := k.KeyUsage()
	require.Equal(t, []string{string(signing.algorithm()), "sig"}, []string{algorithm.String(), use})
	return set
}

func algorithmElsewhere(t *testing.T, a Algorithm) jwa.SignatureAlgorithm {
	t.Helper()
	algorithm, known := jwa.LookupSignatureAlgorithm(string(a))
	require.True(t, known)
	return algorithm
}

// TestVerifyWhatOthersSigned verifies tokens that another library signed with a key of the ring.
func TestVerifyWhatOthersSigned(t *testing.T) {
	t.Parallel()
	for _, a := range algorithms {
		k := keyOf(a)
		header := jws.NewHeaders()
		require.NoError(t, header.Set("typ", tokenType))
		require.NoError(t, header.Set("kid", k.id))
		token, err := jws.Sign([]byte(goodClaims().json(t)),
			jws.WithKey(algorithmElsewhere(t, a), k.secret.signer, jws.WithProtectedHeaders(header)))
		require.NoError(t, err)
		c, err := NewService(ringOf(k), options).Verify(t.Context(), string(token), start)
		require.NoError(t, err)
		require.Equal(t, domain.UserID(42), c.UserID)
	}
}

func TestJWKSContainsNothingPrivate(t *testing.T) {
	t.Parallel()
	keys := []key{keyOf(EdDSA), keyOf(HS256), keyOf(ES256), keyOf(Ed25519)}
	r := ringOf(keys...)
	var set struct {
		Keys []map[string]any `json:"keys"`
	}
	require.NoError(t, json.Unmarshal(r.JWKS(), &set))
	require.Equal(t, []map[string]any{
		{"kty": "OKP", "crv": "Ed25519", "x": keys[0].secret.public["x"], "kid": keys[0].id, "alg": "EdDSA", "use": "sig"},
		{
			"kty": "EC", "crv": "P-256", "x": keys[2].secret.public["x"], "y": keys[2].secret.public["y"], "kid": keys[2].id,
			"alg": "ES256", "use": "sig",
		},
		{"kty": "OKP", "crv": "Ed25519", "x": keys[3].secret.public["x"], "kid": keys[3].id, "alg": "Ed25519", "use": "sig"},
	}, set.Keys)
	for _, all := range r.keys.Load().byUse {
		for _, k := range all {
			requireNoTrace(t, string(r.JWKS()), b64(string(k.secret.material)), string(k.secret.material))
			require.Equal(t, k.secret.public != nil, slices.ContainsFunc(set.Keys, func(jwk map[string]any) bool { return jwk["kid"] == k.id }))
		}
	}
}

func TestJWKSOfSymmetricKeysIsEmpty(t *testing.T) {
	t.Parallel()
	require.Equal(t, `{"keys":[]}`, string(secretRing(t).JWKS()))
	require.Equal(t, `{"keys":[]}`, string(openRing(t, newKeyFile(t), newTestClock().Now, io.Discard).JWKS()))
}

func TestJWKSIsMadeOnceForEachStateOfTheRing(t *testing.T) {
	t.Parallel()
	path := newKeyFile(t)
	r := openRing(t, path, newTestClock().Now, io.Discard)
	added, err := RotateFile(path, start, EdDSA)
	require.NoError(t, err)
	require.Equal(t, `{"keys":[]}`, string(r.JWKS()))
	r.reload()
	require.Contains(t, string(r.JWKS()), added.KeyID, "a key is published before it signs")
	require.Same(t, &r.JWKS()[0], &r.JWKS()[0])
	require.Equal(t, string(publicSet(r.keys.Load().byUse[useSignature])), string(r.JWKS()))
}
