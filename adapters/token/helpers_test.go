package token

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const goodSecret = "u3Vq9!xKd0Zr7#Lm2@Tw5$Yb8^Nc1&Hf"

var (
	start   = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	options = Options{Issuer: "https://postern.example", Audience: "postern"}
)

// testClock is a clock that only a test moves.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func newTestClock() *testClock { return &testClock{now: start} }

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func secretRing(t testing.TB) *Ring {
	t.Helper()
	r, err := FromSecret([]byte(goodSecret), nil)
	require.NoError(t, err)
	return r
}

// newKeyFile creates a key file at start, and returns its path.
func newKeyFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, CreateFile(path, start, HS256))
	return path
}

func openRing(t testing.TB, path string, now func() time.Time, log io.Writer) *Ring {
	t.Helper()
	r, err := OpenFile(path, now, slog.New(slog.NewJSONHandler(log, nil)))
	require.NoError(t, err)
	return r
}

// readSet and writeSet read and write a key file as plain JSON.
func readSet(t testing.TB, path string) []map[string]any {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var set struct {
		Keys []map[string]any `json:"keys"`
	}
	require.NoError(t, json.Unmarshal(data, &set))
	return set.Keys
}

func writeSet(t testing.TB, path string, keys []map[string]any) {
	t.Helper()
	data, err := json.Marshal(map[string]any{"keys": keys})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, data, 0o600))
}

// asymmetric lists the algorithms whose keys have a public part.
var asymmetric = []Algorithm{EdDSA, Ed25519, ES256}

// fields are the members of a header or of claims, as JSON values. A nil member is omitted.
type fields map[string]any

func goodHeader(k key) fields { return fields{"alg": k.algorithm(), "typ": "at+jwt", "kid": k.id} }

func goodClaims() fields {
	return fields{
		"iss": options.Issuer, "aud": options.Audience, "sub": "42", "user_id": 42,
		"iat": start.Unix(), "nbf": start.Unix(), "exp": start.Add(30 * time.Minute).Unix(),
		"jti": "JTI-CANARY-4242", "sid": "SID-CANARY-4242", "epo": "EPO-CANARY-4242",
	}
}

// with returns the fields with some of them replaced.
func (f fields) with(set fields) fields {
	f = maps.Clone(f)
	maps.Copy(f, set)
	return f
}

func (f fields) json(t testing.TB) string {
	t.Helper()
	f = maps.Clone(f)
	maps.DeleteFunc(f, func(_ string, value any) bool { return value == nil })
	data, err := json.Marshal(f)
	require.NoError(t, err)
	return string(data)
}

func b64(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// hmacKey returns an HS256 key, which may be invalid.
func hmacKey(id, use string, notBefore time.Time, material []byte) key {
	return newKey(id, use, HS256, notBefore, symmetric(material))
}

// keyOf returns a signing key of an algorithm. It is in force, and newer than the keys of [ringOf].
func keyOf(a Algorithm) key { return randomKey(useSignature, a, start.Unix()-1) }

// ringOf returns a ring with the given keys and one more of each use. The last signing key signs.
func ringOf(keys ...key) *Ring {
	r := &Ring{now: newTestClock().Now}
	r.keys.Store(newKeySet(append(derivedKeys([]byte(goodSecret)), keys...)...))
	return r
}

func (k key) sign(text string) ([]byte, error) { return k.method.Sign(text, k.secret.signer) }

// sign returns the compact form of any header and payload, with a valid signature.
func sign(k key, header, payload string) string { return signEncoded(k, b64(header), b64(payload)) }

func signEncoded(k key, header, payload string) string {
	text := header + "." + payload
	signature, err := k.sign(text)
	if err != nil {
		panic(err)
	}
	return text + "." + b64(string(signature))
}

// requireNoTrace checks that the output contains no eight consecutive characters of a secret.
func requireNoTrace(t testing.TB, output string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		for i := 0; i+8 <= len(secret); i++ {
			require.NotContains(t, output, secret[i:i+8])
		}
	}
}

// testLog is a log for concurrent reading and writing.
type testLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *testLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *testLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// lines returns the number of lines at a level.
func (l *testLog) lines(level slog.Level) int {
	return strings.Count(l.String(), fmt.Sprintf(`"level":%q`, level))
}
