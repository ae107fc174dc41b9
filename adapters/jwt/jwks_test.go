package jwt

import (
	"encoding/json"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// A resource server that has nothing but the JWK Set and a JWT library of others verifies what we issue.
func TestOthersVerifyWithTheJWKSet(t *testing.T) {
	t.Parallel()
	for _, a := range []Algorithm{EdDSA, ES256} {
		r := ringOf(keyOf(EdDSA), keyOf(ES256), keyOf(a))
		want := domain.Claims{UserID: 42, SessionID: domain.NewSessionID(), IssuedAt: start, ExpiresAt: start.Add(30 * time.Minute)}
		token, err := NewTokenService(r, options).Issue(t.Context(), want)
		require.NoError(t, err)

		var set jose.JSONWebKeySet
		require.NoError(t, json.Unmarshal(r.JWKS(), &set))
		require.Len(t, set.Keys, 3)
		for _, k := range set.Keys {
			require.True(t, k.Valid())
			require.True(t, k.IsPublic())
		}
		parsed, err := josejwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(a)})
		require.NoError(t, err)
		found := set.Key(parsed.Headers[0].KeyID)
		require.Len(t, found, 1)
		require.Equal(t, string(a), found[0].Algorithm)
		require.Equal(t, "sig", found[0].Use)

		var claims josejwt.Claims
		var own struct {
			UserID    int64  `json:"user_id"`
			SessionID string `json:"sid"`
		}
		require.NoError(t, parsed.Claims(found[0].Key, &claims, &own))
		require.NoError(t, claims.ValidateWithLeeway(josejwt.Expected{
			Issuer: options.Issuer, AnyAudience: josejwt.Audience{options.Audience}, Subject: "42", Time: start,
		}, 0))
		require.Equal(t, int64(42), own.UserID)
		require.Equal(t, string(want.SessionID), own.SessionID)

		other := set.Keys[0]
		if other.KeyID == found[0].KeyID {
			other = set.Keys[1]
		}
		require.Error(t, parsed.Claims(other.Key), "by another key")
	}
}

// The same the other way round: what another library signs with our key, we verify.
func TestVerifyWhatOthersSigned(t *testing.T) {
	t.Parallel()
	for _, a := range algorithms {
		k := keyOf(a)
		signer, err := jose.NewSigner(
			jose.SigningKey{Algorithm: jose.SignatureAlgorithm(a), Key: k.secret.signer},
			(&jose.SignerOptions{}).WithType(tokenType).WithHeader("kid", k.id))
		require.NoError(t, err)
		token, err := josejwt.Signed(signer).Claims(map[string]any(goodClaims())).Serialize()
		require.NoError(t, err)
		c, err := NewTokenService(ringOf(k), options).Verify(t.Context(), token, start)
		require.NoError(t, err)
		require.Equal(t, domain.UserID(42), c.UserID)
	}
}

func TestJWKSHoldsNothingPrivate(t *testing.T) {
	t.Parallel()
	keys := []key{keyOf(EdDSA), keyOf(HS256), keyOf(ES256)}
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
