package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gojwt "github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/token"
)

// members are the members of a JSON object.
type members map[string]any

// with returns the members with some of them replaced. It removes members whose value is nil.
func (m members) with(set members) members {
	m = maps.Clone(m)
	maps.Copy(m, set)
	maps.DeleteFunc(m, func(_ string, value any) bool { return value == nil })
	return m
}

func (m members) json() string {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func base64URL(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// forger is an attacker who has the keys of a service, and a valid token.
type forger struct {
	attacker
	keys            map[string]map[string]any // JWKs by use
	alg             string
	key             any    // the signing key, as golang-jwt expects it
	token           string // a valid access token
	header, payload members
	refresh         string
}

// newForger starts a service with new keys and logs in.
func newForger(t *testing.T, a token.Algorithm) *forger {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, token.CreateFile(path, clock().Add(-time.Hour), a))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	var set struct{ Keys []map[string]any }
	require.NoError(t, json.Unmarshal(content, &set))
	s := launch(t, map[string]string{"POSTERN_KEYS_FILE": path})
	f := &forger{attacker: newAttacker(t, s), keys: map[string]map[string]any{}, alg: string(a)}
	for _, key := range set.Keys {
		f.keys[key["use"].(string)] = key
	}
	f.key = signer(t, f.keys["sig"])
	login := f.signUp(ada)
	f.token, f.refresh = login.AccessToken, login.RefreshToken
	parts := strings.Split(f.token, ".")
	f.header, f.payload = decodePart(t, parts[0]), decodePart(t, parts[1])
	return f
}

func decodePart(t *testing.T, part string) (m members) {
	t.Helper()
	decoder := json.NewDecoder(base64.NewDecoder(base64.RawURLEncoding, strings.NewReader(part)))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&m))
	return m
}

// signer returns the key in a private JWK as golang-jwt expects it.
func signer(t *testing.T, jwk map[string]any) any {
	t.Helper()
	decode := func(member string) []byte {
		material, err := base64.RawURLEncoding.DecodeString(jwk[member].(string))
		require.NoError(t, err)
		return material
	}
	switch jwk["kty"] {
	case "oct":
		return decode("k")
	case "OKP":
		return ed25519.NewKeyFromSeed(decode("d"))
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), decode("d"))
	require.NoError(t, err)
	return key
}

// signEncoded signs any two parts with any algorithm and key.
func signEncoded(alg string, key any, header, payload string) string {
	text := header + "." + payload
	signature, err := gojwt.GetSigningMethod(alg).Sign(text, key)
	if err != nil {
		panic(err)
	}
	return text + "." + base64URL(string(signature))
}

// signWith signs the valid payload with another algorithm, key or header.
func (f *forger) signWith(alg string, key any, header members) string {
	return signEncoded(alg, key, base64URL(header.json()), base64URL(f.payload.json()))
}

// raw signs any header and payload with the right key. So do withHeader and withClaims.
func (f *forger) raw(header, payload string) string {
	return signEncoded(f.alg, f.key, base64URL(header), base64URL(payload))
}

func (f *forger) withHeader(set members) string {
	return f.raw(f.header.with(set).json(), f.payload.json())
}
func (f *forger) withClaims(set members) string {
	return f.raw(f.header.json(), f.payload.with(set).json())
}

// attacks maps the logged reason of a refusal, and then the name of the attack, to Authorization fields.
type attacks map[string]map[string][]string

// add adds bearer tokens.
func (a attacks) add(reason string, tokens map[string]string) {
	if a[reason] == nil {
		a[reason] = map[string][]string{}
	}
	for name, token := range tokens {
		a[reason][name] = []string{"Bearer " + token}
	}
}

// requireAllRefused checks that the service accepts the valid token, that all attacks get the same answer, and that the log
// contains the reason for each refusal and no secret.
func (f *forger) requireAllRefused(t *testing.T, all attacks) {
	t.Helper()
	require.Equal(t, http.StatusOK, f.send(t, []string{"Bearer " + f.token}).status)
	forged := f.raw(f.header.json(), f.payload.json())
	require.Equal(t, http.StatusOK, f.send(t, []string{"Bearer " + forged}).status, "a token with the right key and claims is accepted")
	reference := f.send(t, []string{"Bearer x"})
	require.Equal(t, http.StatusUnauthorized, reference.status)
	require.Equal(t, `Bearer error="invalid_token"`, reference.header.Get("WWW-Authenticate"))
	require.Contains(t, reference.body, `"detail":"Could not validate credentials"`)
	reasons := map[string][2]string{}
	for reason, cases := range all {
		for name, fields := range cases {
			got := f.send(t, fields)
			require.NotContains(t, reasons, got.id)
			reference.id = got.id
			require.Equal(t, reference, got, "%s: %s", reason, name)
			reasons[got.id] = [2]string{reason, name}
		}
	}
	require.NoError(t, f.s.shutDown())
	f.requireReasons(t, reasons)
	var secrets []string
	for _, key := range f.keys {
		for _, member := range []string{"k", "d"} {
			if text, ok := key[member].(string); ok {
				secrets = append(secrets, text)
			}
		}
	}
	signature := f.token[strings.LastIndexByte(f.token, '.')+1:]
	requireCleanLog(t, f.s, append(secrets, f.token, signature, f.refresh, goodPassword, "canary")...)
	t.Logf("%d forged or mangled tokens, all refused", len(reasons))
}

func (f *forger) send(t *testing.T, authorization []string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.s.url+"/users/me", nil)
	require.NoError(t, err)
	request.Header["Authorization"] = authorization
	return f.exchange(request)
}

// requireReasons checks the reasons that the log contains for the requests with these ids.
func (f *forger) requireReasons(t *testing.T, reasons map[string][2]string) {
	t.Helper()
	found := 0
	for line := range strings.Lines(f.s.stderr.String()) {
		var entry struct {
			RequestID string `json:"request_id"`
			Reason    string
		}
		require.NoError(t, json.Unmarshal([]byte(line), &entry), line)
		if reason, ok := reasons[entry.RequestID]; ok {
			require.Contains(t, entry.Reason, reason[0], reason[1])
			found++
		}
	}
	require.Equal(t, len(reasons), found)
}
