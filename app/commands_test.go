package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/token"
)

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	s := launch(t, nil)
	code, stdout, stderr := postern(t, []string{"POSTERN_ADDR=" + s.address}, "healthcheck")
	require.Zero(t, code, stderr)
	require.Equal(t, "ready\n", stdout)
	_, port, err := net.SplitHostPort(s.address)
	require.NoError(t, err)
	code, _, stderr = postern(t, nil, "healthcheck", "--addr=0.0.0.0:"+port)
	require.Zero(t, code, stderr)

	require.NoError(t, s.shutDown())
	code, stdout, stderr = postern(t, []string{"POSTERN_ADDR=" + s.address}, "healthcheck")
	require.Equal(t, exitFailed, code)
	require.Empty(t, stdout)
	require.Equal(t, "postern: not ready: no answer at POSTERN_ADDR (--addr): connection refused\n", stderr)
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for listening, calling := range map[string]string{
		":8080": "127.0.0.1:8080", "0.0.0.0:8080": "127.0.0.1:8080", "[::]:8080": "[::1]:8080",
		"127.0.0.1:8080": "127.0.0.1:8080", "example.com:80": "example.com:80", "[fe80::1]:80": "[fe80::1]:80",
	} {
		require.Equal(t, calling, reachable(listening), listening)
	}
}

func TestKeysListAndRotate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := []string{"POSTERN_DATA_DIR=" + dir}
	require.NoError(t, token.CreateFile(filepath.Join(dir, "keys.json"), clock(), token.HS256))
	secrets := regexp.MustCompile(`"k": *"([^"]+)"`)

	code, stdout, stderr := postern(t, env, "keys", "list")
	require.Zero(t, code, stderr)
	require.Regexp(t, `(?m)^KEY ID +USE +ALGORITHM +NOT BEFORE +STATE$`, stdout)
	require.Regexp(t, `(?m)^\S+ +sig +HS256 +\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ +signing$`, stdout)

	code, stdout, stderr = postern(t, env, "keys", "rotate")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "nobody is logged out")
	added := regexp.MustCompile(`^Added key (\S+) \(sig, HS256\)\.\nIn force from \S+ on\.`).FindStringSubmatch(stdout)
	require.NotNil(t, added, stdout)

	code, list, stderr := postern(t, env, "keys", "list")
	require.Zero(t, code, stderr)
	require.Regexp(t, `(?m)^`+added[1]+` +sig +HS256 +\S+ +next$`, list)
	data, err := os.ReadFile(filepath.Join(dir, "keys.json"))
	require.NoError(t, err)
	found := secrets.FindAllStringSubmatch(string(data), -1)
	require.Len(t, found, 4)
	for _, secret := range found {
		require.NotContains(t, list+stdout, secret[1])
	}
}

func TestKeysOfASecret(t *testing.T) {
	t.Parallel()
	env := []string{"POSTERN_JWT_SECRET=" + testSecret}
	code, stdout, stderr := postern(t, env, "keys", "list")
	require.Zero(t, code, stderr)
	require.Regexp(t, `(?m)^\S+ +sig +HS256 +- +signing$`, stdout)

	code, stdout, stderr = postern(t, env, "keys", "rotate")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "POSTERN_JWT_SECRET_PREVIOUS")
	require.NotContains(t, stdout+stderr, testSecret)
}

func TestKeysBeforeTheFirstStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "canary")
	for _, command := range []string{"list", "rotate"} {
		code, _, stderr := postern(t, nil, "keys", command, "--data-dir="+dir)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, "postern keys create")
		require.NotContains(t, stderr, "canary")
		require.NoDirExists(t, dir)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	code, stdout, _ := postern(t, nil, "version")
	require.Zero(t, code)
	require.Regexp(t, `^postern \S+ \(commit \S+, `+runtime.Version()+`, `+runtime.GOOS+`/`+runtime.GOARCH+`\)\n$`, stdout)
}

func TestRunStopsWhenItCannotListen(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	for _, variable := range []string{"POSTERN_ADDR", "POSTERN_METRICS_ADDR", "POSTERN_DEBUG_ADDR"} {
		env := map[string]string{"POSTERN_ADDR": "127.0.0.1:0", "POSTERN_DATA_DIR": t.TempDir()}
		env[variable] = taken.Addr().String()
		var stdout, stderr strings.Builder
		err = run(context.Background(), nil, func(name string) string { return env[name] }, nil, &stdout, &stderr)
		require.EqualError(t, err, "cannot listen at "+variable+": address already in use")
		require.Empty(t, stdout.String(), "an address that is not served is not printed")
	}
}

func TestKeysOfOtherAlgorithms(t *testing.T) {
	t.Parallel()
	env := []string{"POSTERN_DATA_DIR=" + t.TempDir()}
	code, _, stderr := postern(t, env, "keys", "create", "--algorithm=EdDSA")
	require.Zero(t, code, stderr)
	for _, c := range []struct {
		args  []string
		added string
	}{
		{nil, `^Added key \S+ \(sig, EdDSA\)\.\nIn force`},
		{[]string{"--algorithm=ES256", "--all"}, `^Added key \S+ \(sig, ES256\)\.\nAdded key \S+ \(refresh, HS256\)\.\nAdded key \S+ \(cursor, HS256\)\.\nIn force`},
		{[]string{"--algorithm", "Ed25519"}, `^Added key \S+ \(sig, Ed25519\)\.\nIn force`},
	} {
		code, stdout, stderr := postern(t, env, append([]string{"keys", "rotate"}, c.args...)...)
		require.Zero(t, code, stderr)
		require.Regexp(t, c.added, stdout)
	}
	code, list, stderr := postern(t, env, "keys", "list")
	require.Zero(t, code, stderr)
	require.Equal(t, 1+3+1+3+1, strings.Count(list, "\n"), "the header and all keys")
}
