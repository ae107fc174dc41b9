package token

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// wycheproof reads a file of test vectors of C2SP/wycheproof (Apache-2.0, see the LICENSE beside the files).
func wycheproof[Group any](t *testing.T, name string) []Group {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "wycheproof", name))
	require.NoError(t, err)
	var file struct {
		Groups []Group `json:"testGroups"`
	}
	require.NoError(t, json.Unmarshal(data, &file))
	return file.Groups
}

type jwsGroup struct {
	Comment string          `json:"comment"`
	Private json.RawMessage `json:"private"`
	Public  json.RawMessage `json:"public"`
	Tests   []struct {
		ID      int    `json:"tcId"`
		Comment string `json:"comment"`
		JWS     string `json:"jws"`
		Result  string `json:"result"`
	} `json:"tests"`
}

// The vectors call these two valid, and this package refuses them. Each contains a character that is not base64url. RFC
// 7515, section 2, does not allow a reader to skip it.
var refusedThoughValid = map[int]string{
	372: "header is not strict base64url",
	373: "payload is not strict base64url",
}

// The vectors call these two invalid, and this package accepts them. They should contain bad padding, but their text is that
// of number 357, which is valid.
var acceptedThoughInvalid = map[int]int{367: 357, 370: 357}

// wycheproofKey returns the key of a private JWK, if a key file may contain it with an nbf.
func wycheproofKey(t *testing.T, data json.RawMessage) (key, bool) {
	t.Helper()
	var members fields
	require.NoError(t, json.Unmarshal(data, &members))
	set, err := decodeJWKSet([]byte(`{"keys":[` + members.with(fields{"nbf": 0}).json(t) + `]}`))
	if err != nil {
		return key{}, false
	}
	k, err := set.Keys[0].key()
	return k, err == nil
}

func TestWycheproofJWS(t *testing.T) {
	t.Parallel()
	accepted, refused, contradicted := map[Algorithm]int{}, 0, 0
	for _, group := range wycheproof[jwsGroup](t, "json_web_signature_test.json") {
		var jwk struct{ KTY, KID, K string }
		require.NoError(t, json.Unmarshal(group.Private, &jwk))
		k, ours := wycheproofKey(t, group.Private)
		switch {
		case jwk.KTY == "oct":
			// One key is 32 zeros. Its vectors are checked too.
			material, err := decodeBase64URL(jwk.K)
			require.NoError(t, err)
			k, ours = hmacKey(jwk.KID, useSignature, start, material), true
		case !ours:
			// The algorithm is not supported, or the key is not for signatures: every signature is refused.
			k = hmacKey(jwk.KID, useSignature, start, []byte(otherSecret))
		}
		r := ringOf(k)
		texts := map[int]string{}
		for _, test := range group.Tests {
			texts[test.ID] = test.JWS
			_, _, err := r.verifySignature(t.Context(), test.JWS)
			name := fmt.Sprintf("%s %d %s", group.Comment, test.ID, test.Comment)
			switch twin, contradiction := acceptedThoughInvalid[test.ID]; {
			case contradiction:
				require.Equal(t, texts[twin], test.JWS, name)
				contradicted++
			case ours && test.Result == "valid" && refusedThoughValid[test.ID] == "":
				require.NoError(t, err, name)
				accepted[k.algorithm()]++
			default:
				require.ErrorContains(t, err, refusedThoughValid[test.ID], name)
				refused++
			}
		}
	}
	require.Equal(t, map[Algorithm]int{HS256: 8, ES256: 2}, accepted)
	require.Equal(t, []int{389, 2}, []int{refused, contradicted}, "of 401 vectors")
}

func TestWycheproofOtherKeysDoNotComeIntoTheRing(t *testing.T) {
	t.Parallel()
	ours, others := 0, map[any]int{}
	for _, group := range wycheproof[jwsGroup](t, "json_web_signature_test.json") {
		if _, good := wycheproofKey(t, group.Private); good {
			ours++
		} else {
			var jwk fields
			require.NoError(t, json.Unmarshal(group.Private, &jwk))
			others[jwk["kty"]]++
		}
		// A key file never contains a public key.
		if len(group.Public) > 0 {
			_, good := wycheproofKey(t, group.Public)
			require.False(t, good)
		}
	}
	require.Equal(t, 5, ours)
	require.Equal(t, map[any]int{"RSA": 13, "EC": 4, "oct": 1}, others, "RSA; P-521, and P-256 for encryption; 32 zeros")
}

func TestWycheproofEd25519(t *testing.T) {
	t.Parallel()
	type group struct {
		PublicKey struct {
			PK string `json:"pk"`
		} `json:"publicKey"`
		Tests []struct {
			ID     int    `json:"tcId"`
			Msg    string `json:"msg"`
			Sig    string `json:"sig"`
			Result string `json:"result"`
		} `json:"tests"`
	}
	outcomes := map[string]int{}
	for _, group := range wycheproof[group](t, "ed25519_test.json") {
		public := ed25519.PublicKey(unhex(t, group.PublicKey.PK))
		for _, a := range []Algorithm{EdDSA, Ed25519} {
			k := newKey("k", useSignature, a, start, &secret{verifier: public})
			for _, test := range group.Tests {
				good := k.verify(string(unhex(t, test.Msg)), unhex(t, test.Sig))
				require.Equal(t, test.Result == "valid", good, "%s, vector %d", a, test.ID)
				outcomes[test.Result]++
			}
		}
	}
	require.Equal(t, map[string]int{"valid": 2 * 88, "invalid": 2 * 63}, outcomes)
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(text)
	require.NoError(t, err)
	return data
}

func TestWycheproofHMAC(t *testing.T) {
	t.Parallel()
	type hmacGroup struct {
		TagSize int `json:"tagSize"`
		Tests   []struct {
			ID     int    `json:"tcId"`
			Key    string `json:"key"`
			Msg    string `json:"msg"`
			Tag    string `json:"tag"`
			Result string `json:"result"`
		} `json:"tests"`
	}
	valid, invalid := 0, 0
	for _, group := range wycheproof[hmacGroup](t, "hmac_sha256_test.json") {
		for _, test := range group.Tests {
			k, text, tag := hmacKey("k", useSignature, start, unhex(t, test.Key)), unhex(t, test.Msg), unhex(t, test.Tag)
			// A signature is never shorter than the hash: truncated tags are refused.
			good := test.Result == "valid" && group.TagSize == 256
			require.Equal(t, good, k.verify(string(text), tag), "vector %d", test.ID)
			// Only cursors have truncated tags.
			require.Equal(t, test.Result == "valid", string(k.mac(text)[:group.TagSize/8]) == string(tag), "vector %d", test.ID)
			if good {
				valid++
			} else {
				invalid++
			}
		}
	}
	require.Positive(t, valid)
	require.Positive(t, invalid)
}
