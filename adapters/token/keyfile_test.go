package token

import (
	"encoding/base64"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCreateFile(t *testing.T) {
	t.Parallel()
	path := newKeyFile(t)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())

	keys := openRing(t, path, newTestClock().Now, io.Discard).Keys()
	require.Len(t, keys, 3)
	for i, want := range []KeyInfo{{Use: "sig", State: "signing"}, {Use: "refresh", State: "active"}, {Use: "cursor", State: "active"}} {
		want.KeyID, want.Algorithm, want.NotBefore = keys[i].KeyID, "HS256", start
		require.Equal(t, want, keys[i])
		require.GreaterOrEqual(t, len(keys[i].KeyID), 16)
	}
	for _, member := range readSet(t, path) {
		material, err := base64.RawURLEncoding.Strict().DecodeString(member["k"].(string))
		require.NoError(t, err)
		require.Len(t, material, 32)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file is left")
}

func TestCreateFileDoesNotReplaceAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.json")
	require.NoError(t, os.WriteFile(path, []byte("precious"), 0o600))
	require.ErrorIs(t, CreateFile(path, start, HS256), fs.ErrExist)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "precious", string(data))
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file is left")
}

func TestCreateFileOnceOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.json")
	const racers = 8
	outcomes := make(chan error, racers)
	for range racers {
		go func() { outcomes <- CreateFile(path, start, HS256) }()
	}
	created := 0
	for range racers {
		if err := <-outcomes; err == nil {
			created++
		} else {
			require.ErrorIs(t, err, fs.ErrExist)
		}
	}
	require.Equal(t, 1, created)
	openRing(t, path, newTestClock().Now, io.Discard)
}

func TestCreateFileWithoutAFolder(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, CreateFile(filepath.Join(t.TempDir(), "missing", "keys.json"), start, HS256), fs.ErrNotExist)
}

func TestOpenFileRefusesModes(t *testing.T) {
	t.Parallel()
	path := newKeyFile(t)
	for _, mode := range []fs.FileMode{0o660, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666, 0o777} {
		require.NoError(t, os.Chmod(path, mode))
		_, err := OpenFile(path, newTestClock().Now, nil)
		require.NotContains(t, err.Error(), path)
		require.ErrorContains(t, err, "chmod 600")
	}
	for _, mode := range []fs.FileMode{0o600, 0o400} {
		require.NoError(t, os.Chmod(path, mode))
		_, err := OpenFile(path, newTestClock().Now, nil)
		require.NoError(t, err)
	}
}

func TestOpenFileRefusesWhatIsNotAFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	require.NoError(t, os.Chmod(folder, 0o700))
	_, err := OpenFile(folder, newTestClock().Now, nil)
	require.ErrorContains(t, err, "not a regular file")

	pipe := filepath.Join(folder, "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	_, err = OpenFile(pipe, newTestClock().Now, nil)
	require.ErrorContains(t, err, "not a regular file")

	_, err = OpenFile(filepath.Join(folder, "missing"), newTestClock().Now, nil)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// canaryKey is a valid signing key whose material is text that is easy to find.
const canaryMaterial = "CanaryMaterial-7f3A9c1E5b8D2460-zQ"

func TestOpenFileIsStrict(t *testing.T) {
	t.Parallel()
	valid := readSet(t, newKeyFile(t))
	b64canary := b64(canaryMaterial)
	valid[0]["k"] = b64canary
	edit := func(member string, value any) func([]map[string]any) []map[string]any {
		return func(keys []map[string]any) []map[string]any {
			if keys[0][member] = value; value == nil {
				delete(keys[0], member)
			}
			return keys
		}
	}
	without := func(i int) func([]map[string]any) []map[string]any {
		return func(keys []map[string]any) []map[string]any { return append(keys[:i:i], keys[i+1:]...) }
	}
	tests := map[string]struct {
		edit   func([]map[string]any) []map[string]any
		reason string
	}{
		"kty RSA":                {edit("kty", "RSA"), "a kty other than"},
		"kty OKP":                {edit("kty", "OKP"), "a kty other than"},
		"kty in upper case":      {edit("kty", "OCT"), "a kty other than"},
		"kty missing":            {edit("kty", nil), "a kty other than"},
		"use unknown":            {edit("use", "enc"), "a use"},
		"use missing":            {edit("use", nil), "a use"},
		"alg HS512":              {edit("alg", "HS512"), "an alg"},
		"alg none":               {edit("alg", "none"), "an alg"},
		"alg missing":            {edit("alg", nil), "an alg"},
		"kid missing":            {edit("kid", nil), "a kid that is not"},
		"kid empty":              {edit("kid", ""), "a kid that is not"},
		"kid a path":             {edit("kid", "../kid"), "a kid that is not"},
		"kid too long":           {edit("kid", strings.Repeat("k", 65)), "a kid that is not"},
		"kid twice":              {edit("kid", valid[1]["kid"]), "the same kid as another"},
		"nbf missing":            {edit("nbf", nil), "nbf"},
		"nbf negative":           {edit("nbf", -1), "nbf"},
		"nbf beyond 9999":        {edit("nbf", int64(253402300800)), "nbf"},
		"nbf fractional":         {edit("nbf", 1.5), "not a JWK Set"},
		"nbf text":               {edit("nbf", "0"), "not a JWK Set"},
		"nbf in the future":      {edit("nbf", start.Add(31*time.Second).Unix()), `no key of use "sig"`},
		"k missing":              {edit("k", nil), "shorter than 32"},
		"k of 31 bytes":          {edit("k", b64(canaryMaterial[:31])), "shorter than 32"},
		"k padded":               {edit("k", b64canary+"=="), "base64url"},
		"k with a newline":       {edit("k", b64canary[:8]+"\n"+b64canary[8:]), "base64url"},
		"k with stray bits":      {edit("k", b64canary[:len(b64canary)-1]+string(nextInAlphabet(b64canary[len(b64canary)-1]))), "base64url"},
		"k in standard base64":   {edit("k", "+/+/"+b64canary), "base64url"},
		"k of zeros":             {edit("k", b64(strings.Repeat("\x00", 32))), "repeats"},
		"k from a tutorial":      {edit("k", b64("09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7")), "published"},
		"k tutorial unencoded":   {edit("k", "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"), "published"},
		"k twice":                {edit("k", valid[1]["k"]), "the same k or d as another"},
		"k an array":             {edit("k", []string{b64canary}), "not a JWK Set"},
		"an unknown member":      {edit("canary", "canary"), "other members"},
		"an empty member":        {edit("d", ""), "other members"},
		"a curve":                {edit("crv", "P-256"), "other members"},
		"key_ops":                {edit("key_ops", []string{"sign"}), "not a JWK Set"},
		"a member in upper case": {edit("ALG", "HS256"), "other members"},
		"no signing key":         {without(0), `no key of use "sig"`},
		"no refresh key":         {without(1), `no key of use "refresh"`},
		"no cursor key":          {without(2), `no key of use "cursor"`},
		"no keys":                {func([]map[string]any) []map[string]any { return nil }, `no key of use "sig"`},
		"65 keys": {func(keys []map[string]any) []map[string]any {
			for len(keys) < 65 {
				keys = append(keys, keys[0])
			}
			return keys
		}, "more than 64"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var keys []map[string]any
			for _, members := range valid {
				keys = append(keys, maps.Clone(members))
			}
			path := filepath.Join(t.TempDir(), "keys.json")
			writeSet(t, path, keys)
			_, err := OpenFile(path, newTestClock().Now, nil)
			require.NoError(t, err, "before the edit")

			writeSet(t, path, test.edit(keys))
			_, err = OpenFile(path, newTestClock().Now, nil)
			require.ErrorContains(t, err, "key file: ")
			require.ErrorContains(t, err, test.reason)
			requireNoTrace(t, strings.ReplaceAll(err.Error(), path, ""), canaryMaterial, b64canary)
		})
	}
}

func TestOpenFileRefusesWhatIsNotAJWKSet(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile(newKeyFile(t))
	require.NoError(t, err)
	tests := map[string]string{
		"empty":              "",
		"a secret as it is":  canaryMaterial,
		"null in a key":      `{"keys":[null]}`,
		"an array":           `[` + canaryMaterial + `]`,
		"a bare key":         `{"kty":"oct","k":"` + canaryMaterial + `"}`,
		"an unknown member":  `{"` + canaryMaterial + `":1,` + string(good[1:]),
		"a duplicate":        `{"keys":[],` + string(good[1:]),
		"trailing text":      string(good) + canaryMaterial,
		"a byte order mark":  "\xEF\xBB\xBF" + string(good),
		"invalid UTF-8":      strings.Replace(string(good), `"sig"`, "\"s\xffg\"", 1),
		"cut short":          string(good[:len(good)/2]),
		"above 64 KiB":       string(good) + strings.Repeat(" ", maxKeyFile),
		"a key with all nil": `{"keys":[{}]}`,
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "keys.json")
			require.NoError(t, os.WriteFile(path, []byte(data), 0o600))
			_, err := OpenFile(path, newTestClock().Now, nil)
			require.ErrorContains(t, err, "key file: ")
			require.NotContains(t, err.Error(), path)
			requireNoTrace(t, err.Error(), canaryMaterial)
		})
	}
}
