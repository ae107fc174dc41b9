package jwt

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// wycheproof reads a file of test vectors by C2SP/wycheproof (Apache-2.0, see the LICENSE beside them).
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

// The vectors call these two valid, and we refuse them: each holds a character that is not base64url, for a reader that
// skips such characters (RFC 7515, section 2, does not allow them).
var refusedThoughValid = map[int]string{
	372: "header is not strict base64url",
	373: "payload is not strict base64url",
}

// The vectors call these two invalid, and we accept them: they were to show bad padding, but the file holds the very text of
// number 357, which it calls valid.
var acceptedThoughInvalid = map[int]int{367: 357, 370: 357}

func TestWycheproofJWS(t *testing.T) {
	t.Parallel()
	accepted, refused, contradicted := 0, 0, 0
	for _, group := range wycheproof[jwsGroup](t, "json_web_signature_test.json") {
		// Signing and verifying keys are the same in the symmetric groups, which have the private one only.
		var jwk struct{ KTY, KID, K string }
		require.NoError(t, json.Unmarshal(group.Private, &jwk))
		k := newKey(jwk.KID, useSignature, start, []byte(goodSecret))
		if jwk.KTY == "oct" {
			material, err := decodeBase64URL(jwk.K)
			require.NoError(t, err)
			k = newKey(jwk.KID, useSignature, start, material)
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
			// A ring holds no asymmetric keys, so whatever they signed is refused, right or wrong.
			case jwk.KTY == "oct" && test.Result == "valid" && refusedThoughValid[test.ID] == "":
				require.NoError(t, err, name)
				accepted++
			default:
				require.ErrorContains(t, err, refusedThoughValid[test.ID], name)
				refused++
			}
		}
	}
	require.Equal(t, []int{8, 391, 2}, []int{accepted, refused, contradicted}, "of 401 vectors")
}

func TestWycheproofAsymmetricKeysDoNotComeIntoTheRing(t *testing.T) {
	t.Parallel()
	asymmetric := 0
	for _, group := range wycheproof[jwsGroup](t, "json_web_signature_test.json") {
		for _, data := range []json.RawMessage{group.Private, group.Public} {
			var members map[string]any
			if json.Unmarshal(data, &members) != nil || members["kty"] == "oct" {
				continue
			}
			asymmetric++
			_, err := parseKeySet([]byte(`{"keys":[`+string(data)+`]}`), start)
			require.Error(t, err)
		}
	}
	require.Positive(t, asymmetric)
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
	unhex := func(text string) []byte {
		data, err := hex.DecodeString(text)
		require.NoError(t, err)
		return data
	}
	valid, invalid := 0, 0
	for _, group := range wycheproof[hmacGroup](t, "hmac_sha256_test.json") {
		for _, test := range group.Tests {
			k, text, tag := newKey("k", useSignature, start, unhex(test.Key)), unhex(test.Msg), unhex(test.Tag)
			// A signature is never shorter than the hash, so that right but truncated tags are refused.
			good := test.Result == "valid" && group.TagSize == 256
			require.Equal(t, good, k.verify(string(text), tag), "vector %d", test.ID)
			// Cursors are the ones with a truncated tag.
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

// ringOf returns a ring with one more signing key than it needs.
func ringOf(keys ...key) *Ring {
	r := &Ring{now: newTestClock().Now}
	r.keys.Store(newKeySet(append(derivedKeys([]byte(goodSecret)), keys...)...))
	return r
}
