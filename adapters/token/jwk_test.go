package token

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/json"
	"io"
	"maps"
	"math/big"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCreateFileOfEachAlgorithm(t *testing.T) {
	t.Parallel()
	wants := map[Algorithm]struct {
		kty     string
		members []string
	}{
		HS256:   {"oct", []string{"k"}},
		EdDSA:   {"OKP", []string{"crv", "x", "d"}},
		Ed25519: {"OKP", []string{"crv", "x", "d"}},
		ES256:   {"EC", []string{"crv", "x", "y", "d"}},
	}
	for _, a := range algorithms {
		path := filepath.Join(t.TempDir(), "keys.json")
		require.NoError(t, CreateFile(path, start, a))
		keys := readSet(t, path)
		require.Len(t, keys, 3)
		require.Equal(t, wants[a].kty, keys[0]["kty"])
		require.ElementsMatch(t, append(wants[a].members, "kty", "use", "alg", "kid", "nbf"), members(keys[0]))
		for _, name := range wants[a].members {
			if name != "crv" {
				require.Len(t, keys[0][name], 43, "32 bytes in base64url, zeros in front not left out")
			}
		}
		infos := openRing(t, path, newTestClock().Now, io.Discard).Keys()
		require.Equal(t, []Algorithm{a, HS256, HS256}, []Algorithm{infos[0].Algorithm, infos[1].Algorithm, infos[2].Algorithm})
		require.Equal(t, []string{"signing", "active", "active"}, []string{infos[0].State, infos[1].State, infos[2].State})
	}
}

func members(key map[string]any) (names []string) {
	for name := range key {
		names = append(names, name)
	}
	return names
}

func TestUnknownAlgorithms(t *testing.T) {
	t.Parallel()
	for _, a := range []Algorithm{"none", "RS256", "ES384", "Ed448", "eddsa", "ed25519", "HS512"} {
		path := filepath.Join(t.TempDir(), "keys.json")
		require.ErrorIs(t, CreateFile(path, start, a), errUnknownAlgorithm)
		require.NoFileExists(t, path)
		path = newKeyFile(t)
		before := mustRead(t, path)
		_, err := RotateFile(path, start, a)
		require.ErrorIs(t, err, errUnknownAlgorithm)
		_, err = RotateAllFile(path, start, a)
		require.ErrorIs(t, err, errUnknownAlgorithm)
		require.Equal(t, before, mustRead(t, path))
	}
	require.ErrorIs(t, CreateFile(filepath.Join(t.TempDir(), "keys.json"), start, ""), errUnknownAlgorithm)
}

// TestCoordinatesHaveTheirFullSize uses a key with a small coordinate. Its text begins with zeros (RFC 7518, section 6.2.1.2).
func TestCoordinatesHaveTheirFullSize(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for n := int64(1); len(seen) < 3; n++ {
		d := new(big.Int).Lsh(big.NewInt(n), 100)
		d.Add(d, new(big.Int).SetBytes([]byte(goodSecret)[:31]))
		s, err := openES256(number(d))
		require.NoError(t, err)
		k := newKey("k", useSignature, ES256, start, s)
		for _, name := range []string{"x", "y", "d"} {
			text := k.jwk().Others[name]
			require.Len(t, text, 43)
			if data, err := decodeBase64URL(text); err == nil && data[0] == 0 {
				seen[name] = true
			}
		}
		again, err := k.jwk().key()
		require.NoError(t, err)
		require.Equal(t, k.secret.public, again.secret.public)
	}
}

// edit changes members of a key. The file is then refused for the given reason.
type edit struct {
	set    fields
	reason string
}

const mismatch = "other members than its alg requires"

func TestOpenFileIsStrictWithAsymmetricKeys(t *testing.T) {
	t.Parallel()
	for a, own := range map[Algorithm]func(*testing.T, fields) map[string]edit{
		EdDSA: editsOfEd25519, Ed25519: editsOfEd25519, ES256: editsOfES256,
	} {
		valid := asymmetricMembers(t, keyOf(a))
		edits := editsOfEither(t, valid, asymmetricMembers(t, keyOf(a)))
		maps.Copy(edits, own(t, valid))
		for name, edit := range edits {
			t.Run(string(a)+" "+name, func(t *testing.T) {
				t.Parallel()
				path := newKeyFile(t)
				keys := readSet(t, path)
				writeSet(t, path, append(keys, valid))
				_, err := OpenFile(path, newTestClock().Now, nil)
				require.NoError(t, err, "before the edit")

				edited := valid.with(edit.set)
				maps.DeleteFunc(edited, func(_ string, value any) bool { return value == nil })
				writeSet(t, path, append(keys, edited))
				_, err = OpenFile(path, newTestClock().Now, nil)
				require.ErrorContains(t, err, "key file: ")
				require.ErrorContains(t, err, edit.reason)
				told := strings.ReplaceAll(err.Error(), path, "")
				requireNoTrace(t, told, valid["d"].(string), valid["x"].(string))
				require.NotContains(t, told, "CANARY")
			})
		}
	}
}

// editsOfEither returns the edits for both kinds of keys. The argument other is a second key of the same kind.
func editsOfEither(t *testing.T, valid, other fields) map[string]edit {
	t.Helper()
	text := func(name string) string { return valid[name].(string) }
	stray := func(name string) string { return text(name)[:42] + string(nextInAlphabet(text(name)[42])) }
	d, err := decodeBase64URL(text("d"))
	require.NoError(t, err)
	return map[string]edit{
		"alg HS256":         {fields{"alg": "HS256"}, "a kty other than"},
		"alg Ed448":         {fields{"alg": "Ed448"}, "an alg"},
		"alg ES384":         {fields{"alg": "ES384"}, "an alg"},
		"alg RS256":         {fields{"alg": "RS256"}, "an alg"},
		"alg missing":       {fields{"alg": nil}, "an alg"},
		"kty oct":           {fields{"kty": "oct"}, "a kty other than"},
		"kty RSA":           {fields{"kty": "RSA"}, "a kty other than"},
		"kty missing":       {fields{"kty": nil}, "a kty other than"},
		"use refresh":       {fields{"use": "refresh"}, `an alg other than "HS256"`},
		"use cursor":        {fields{"use": "cursor"}, `an alg other than "HS256"`},
		"use enc":           {fields{"use": "enc"}, "a use"},
		"d missing":         {fields{"d": nil}, "its length is not"},
		"d null":            {fields{"d": json.RawMessage("null")}, "its length is not"},
		"d of 31 bytes":     {fields{"d": b64(string(d[1:]))}, "its length is not"},
		"d of 33 bytes":     {fields{"d": b64("\x00" + string(d))}, "its length is not"},
		"d and x":           {fields{"d": b64(string(d) + string(d))}, "its length is not"},
		"d padded":          {fields{"d": text("d") + "="}, "base64url"},
		"d with a newline":  {fields{"d": text("d") + "\n"}, "base64url"},
		"d with stray bits": {fields{"d": stray("d")}, "base64url"},
		"d a number":        {fields{"d": 1}, "not a JWK Set"},
		"d of zeros":        {fields{"d": b64(strings.Repeat("\x00", 32))}, "repeats itself"},
		"d is 1":            {fields{"d": b64(strings.Repeat("\x00", 31) + "\x01")}, "repeats itself"},
		"d of another":      {fields{"d": other["d"]}, mismatch},
		"x of another":      {fields{"x": other["x"]}, mismatch},
		"x missing":         {fields{"x": nil}, mismatch},
		"x empty":           {fields{"x": ""}, mismatch},
		"x padded":          {fields{"x": text("x") + "="}, mismatch},
		"x with stray bits": {fields{"x": stray("x")}, mismatch},
		"x with a zero":     {fields{"x": "AA" + text("x")}, mismatch},
		"x in hexadecimal":  {fields{"x": strings.Repeat("ab", 32)}, mismatch},
		"x is d":            {fields{"x": text("d")}, mismatch},
		"crv missing":       {fields{"crv": nil}, mismatch},
		"crv P-384":         {fields{"crv": "P-384"}, mismatch},
		"crv secp256k1":     {fields{"crv": "secp256k1"}, mismatch},
		"crv X25519":        {fields{"crv": "X25519"}, mismatch},
		"crv in lower case": {fields{"crv": strings.ToLower(text("crv"))}, mismatch},
		"a k":               {fields{"k": b64(goodSecret)}, mismatch},
		"an empty k":        {fields{"k": ""}, mismatch},
		"an unknown member": {fields{"x5t": "CANARY"}, mismatch},
		"D in upper case":   {fields{"D": text("d")}, mismatch},
		"key_ops":           {fields{"key_ops": []string{"sign"}}, "not a JWK Set"},
	}
}

func editsOfEd25519(_ *testing.T, valid fields) map[string]edit {
	return map[string]edit{
		"alg ES256":  {fields{"alg": "ES256"}, "a kty other than"},
		"kty EC":     {fields{"kty": "EC"}, "a kty other than"},
		"crv Ed448":  {fields{"crv": "Ed448"}, mismatch},
		"a y":        {fields{"y": valid["x"]}, mismatch},
		"an empty y": {fields{"y": ""}, mismatch},
		"RFC 8037's example": {
			fields{"d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
			"published",
		},
	}
}

func editsOfES256(t *testing.T, valid fields) map[string]edit {
	t.Helper()
	p, order := elliptic.P256().Params().P, elliptic.P256().Params().N
	y, err := decodeBase64URL(valid["y"].(string))
	require.NoError(t, err)
	negated := number(new(big.Int).Sub(p, new(big.Int).SetBytes(y)))
	flipped := append([]byte{}, y...)
	flipped[31] ^= 1
	return map[string]edit{
		"alg EdDSA":          {fields{"alg": "EdDSA"}, "a kty other than"},
		"alg Ed25519":        {fields{"alg": "Ed25519"}, "a kty other than"},
		"kty OKP":            {fields{"kty": "OKP"}, "a kty other than"},
		"y missing":          {fields{"y": nil}, mismatch},
		"y off the curve":    {fields{"y": b64(string(flipped))}, mismatch},
		"y negated":          {fields{"y": b64(string(negated))}, mismatch},
		"x and y swapped":    {fields{"x": valid["y"], "y": valid["x"]}, mismatch},
		"the point in x":     {fields{"x": b64("\x04" + goodSecret + goodSecret), "y": nil}, mismatch},
		"d negated":          {fields{"d": negatedD(t, valid)}, mismatch},
		"d is the order":     {fields{"d": b64(string(number(order)))}, "order of P-256"},
		"d above the order":  {fields{"d": b64(string(number(new(big.Int).Add(order, big.NewInt(1)))))}, "order of P-256"},
		"RFC 7515's example": {publishedP256[0], "published"},
		"RFC 7517's example": {publishedP256[1], "published"},
	}
}

// asymmetricMembers returns a key as it is written in a key file.
func asymmetricMembers(t *testing.T, k key) fields {
	t.Helper()
	path := newKeyFile(t)
	keys, err := parseKeySet(mustRead(t, path), start)
	require.NoError(t, err)
	require.NoError(t, replaceFile(path, append(keys, k)))
	return readSet(t, path)[3]
}

// negatedD returns the other private key whose point has the same x.
func negatedD(t *testing.T, jwk fields) string {
	t.Helper()
	d, err := decodeBase64URL(jwk["d"].(string))
	require.NoError(t, err)
	return b64(string(number(new(big.Int).Sub(elliptic.P256().Params().N, new(big.Int).SetBytes(d)))))
}

// P-256 keys of RFC 7515, appendix A.3.1, and RFC 7517, appendix A.2.
var publishedP256 = []fields{
	{
		"x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
		"d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
	},
	{
		"x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
		"d": "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
	},
}

func TestKeyFileWithTheSameKeyTwice(t *testing.T) {
	t.Parallel()
	for _, a := range asymmetric {
		path := newKeyFile(t)
		jwk := fields(asymmetricMembers(t, keyOf(a)))
		writeSet(t, path, append(readSet(t, path), jwk, jwk.with(fields{"kid": "another"})))
		_, err := OpenFile(path, newTestClock().Now, nil)
		require.ErrorContains(t, err, "the same k or d as another")
	}
	path := newKeyFile(t)
	jwk := fields(asymmetricMembers(t, keyOf(EdDSA)))
	writeSet(t, path, append(readSet(t, path), jwk, jwk.with(fields{"kid": "another", "alg": "Ed25519"})))
	_, err := OpenFile(path, newTestClock().Now, nil)
	require.ErrorContains(t, err, "the same k or d as another", "with the other name of the algorithm")
}

func TestPublishedKeysAreThoseOfTheRFCs(t *testing.T) {
	t.Parallel()
	for i, jwk := range publishedP256 {
		require.Equal(t, jwk["d"], publishedKeys[i])
		d, err := decodeBase64URL(publishedKeys[i])
		require.NoError(t, err)
		private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
		require.NoError(t, err)
		point, err := private.PublicKey.Bytes()
		require.NoError(t, err)
		require.Equal(t, []any{jwk["x"], jwk["y"]}, []any{b64(string(point[1:33])), b64(string(point[33:]))})
	}
	// The third key is that of TestRFC8037Vector.
	require.Len(t, publishedKeys, 3)
}
