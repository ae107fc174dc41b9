package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

const testSecret = "N0tPublished-r3ally-r4ndom/q8Zt+PwX2eLk"

// TestSettingsThatAreRefused runs the program with one value of each setting. The other values are only read.
func TestSettingsThatAreRefused(t *testing.T) {
	t.Parallel()
	parse, folder := settingsParser(t), t.TempDir()
	stopped, stop := context.WithCancel(t.Context())
	stop() // a service that should have refused to start ends
	for variable, values := range map[string][]string{
		"POSTERN_ADDR":                    {canary, "127.0.0.1", ":99999", ":http", "a b:80", "http://127.0.0.1:80", ":-1", ":+1"},
		"POSTERN_METRICS_ADDR":            {canary, "127.0.0.1", "127.0.0.1:x", ":65536", "http://127.0.0.1:9090"},
		"POSTERN_DEBUG_ADDR":              {canary, ":6060", "0.0.0.0:6060", "192.0.2.1:6060", "127.0.0.1:x", "example.com:6060"},
		"POSTERN_TRUSTED_PROXIES":         {canary, "10.0.0.0/33", "10.0.0.0/8,", "proxy.example", "10.0.0.1:80", "*"},
		"POSTERN_CORS_ORIGINS":            {canary, "*", "null", "https://a.example/", "https://a.example/x", "https://*.example", "https://A.example", "https://a.example:443", "https://u@a.example", "ftp://a.example", "https://", "https://a.example,*", "https://a.example:", "https://a.example:99999", "https://a<b.example"},
		"POSTERN_PUBLIC_URL":              {canary, "a.example", "https://a.example/", "https://a.example:99999", `https://"><script>`, "https://a.example,https://b.example"},
		"POSTERN_TOKEN_TTL":               {canary, "59s", "61m", "0", "-5m", "30", "90.5s"},
		"POSTERN_SESSION_IDLE":            {canary, "59m", "8761h", "-1h", "336"},
		"POSTERN_SESSION_LIFETIME":        {canary, "335h", "8761h"},
		"POSTERN_PASSWORD_MIN":            {canary, "7", "65", "8.5"},
		"POSTERN_LOGIN_FREE_TRIES":        {canary, "0", "101"},
		"POSTERN_LOGIN_FIRST_WAIT":        {canary, "999ms", "16m", "0"},
		"POSTERN_LOGIN_MAX_WAIT":          {canary, "0s", "25h"},
		"POSTERN_LOGIN_TRIES_PER_ADDRESS": {canary, "0", "1000001"},
		"POSTERN_LOGIN_ADDRESS_WINDOW":    {canary, "59s", "25h"},
		"POSTERN_LOGIN_TRIES_PER_ACCOUNT": {canary, "0", "1000001"},
		"POSTERN_LOGIN_ACCOUNT_WINDOW":    {canary, "59s", "25h"},
		"POSTERN_SIGNUPS_PER_ADDRESS":     {canary, "0", "1000001"},
		"POSTERN_SIGNUP_WINDOW":           {canary, "59s", "25h"},
		"POSTERN_TOKEN_ISSUER":            {"a b", "é", "a\nb", strings.Repeat("a", 256)},
		"POSTERN_TOKEN_AUDIENCE":          {" "},
		"POSTERN_SQLITE_SYNCHRONOUS":      {canary, "off", "FULL"},
		"POSTERN_LOG_FORMAT":              {canary, "auto|text"},
		"POSTERN_LOG_LEVEL":               {canary, "trace"},
		"POSTERN_HASH_WORKERS":            {canary, "0", "65", "-1", "1.5", "99999999999999999999"},
		"POSTERN_HASH_QUEUE":              {canary, "1", "4097"},
		"POSTERN_SEARCH_WORKERS":          {canary, "-1", "1001"},
		"POSTERN_EXPORTS":                 {canary, "0", "1001"},
		"POSTERN_EXPORT_TIMEOUT":          {canary, "999ms", "10m"},
		"POSTERN_WRITES_BURST":            {canary, "-1", "1000001"},
		"POSTERN_WRITES_PER_MINUTE":       {canary, "-1", "1000001"},
		"POSTERN_WORK_MEMORY":             {canary, "-1", "1", "31", "65537"},
		"POSTERN_WORK_REQUESTS":           {canary, "-1", "65537"},
		"POSTERN_SHUTDOWN_TIMEOUT":        {canary, "35s", "999ms"},
		"POSTERN_DRAIN_DELAY":             {canary, "-1s", "31s", "30s"},
	} {
		code, stdout, stderr := postern(t, []string{variable + "=" + values[0]})
		require.Equal(t, exitUsage, code)
		require.Empty(t, stdout)
		require.True(t, strings.HasPrefix(stderr, "postern: "+variable+" "), stderr)
		require.NotContains(t, stderr, canary)
		for _, value := range values[1:] {
			getenv := lookUp([]string{variable + "=" + value, "POSTERN_DATA_DIR=" + folder})
			command, err := parse(getenv)
			if err == nil {
				err = command.Run(&process{stopped, getenv, nil, io.Discard, io.Discard})
			}
			_, refused := errors.AsType[*refusal](err)
			require.True(t, refused, "%s=%s: %v", variable, value, err)
			require.True(t, strings.HasPrefix(err.Error(), variable+" "), err)
		}
	}
}

// settingsParser returns a function like [parseCommand] without arguments. It makes the parser only once, because that takes
// 50 ms with the race detector.
func settingsParser(t *testing.T) (parse func(getenv func(string) string) (*kong.Context, error)) {
	t.Helper()
	var current func(string) string
	parser, err := newParser(io.Discard, kong.Resolvers(variables(func(name string) string { return current(name) })))
	require.NoError(t, err)
	return func(getenv func(string) string) (*kong.Context, error) {
		current = getenv
		command, err := parser.Parse(nil)
		if err != nil {
			return nil, usageError(parser.Model, err)
		}
		return command, nil
	}
}

func TestSettingsThatAreAccepted(t *testing.T) {
	t.Parallel()
	parse := settingsParser(t)
	for variable, values := range map[string][]string{
		"POSTERN_ADDR":             {":8080", "127.0.0.1:0", "[::1]:8080", "example.com:80"},
		"POSTERN_METRICS_ADDR":     {"127.0.0.1:9090", ":9090", "0.0.0.0:0", "[::1]:0"},
		"POSTERN_DEBUG_ADDR":       {"127.0.0.1:6060", "localhost:0", "[::1]:0"},
		"POSTERN_TRUSTED_PROXIES":  {"10.0.0.0/8", "10.1.2.3/8, 192.0.2.1,::1", "::ffff:127.0.0.0/104"},
		"POSTERN_PUBLIC_URL":       {"https://a.example", "http://localhost:3000"},
		"POSTERN_CORS_ORIGINS":     {"https://a.example", "http://localhost:3000, https://b.example:8443", "http://[::1]:3000"},
		"POSTERN_TOKEN_TTL":        {"1m", "60m", "1h", "90s"},
		"POSTERN_HASH_QUEUE":       {"2", "4096"},
		"POSTERN_SEARCH_WORKERS":   {"0", "1000"},
		"POSTERN_EXPORTS":          {"1", "1000"},
		"POSTERN_EXPORT_TIMEOUT":   {"1s", "9m"},
		"POSTERN_WRITES_BURST":     {"0", "1", "1000000"},
		"POSTERN_WORK_MEMORY":      {"0", "32", "65536"},
		"POSTERN_WORK_REQUESTS":    {"0", "1", "65536"},
		"POSTERN_SESSION_LIFETIME": {"336h", "8760h"},
		"POSTERN_PASSWORD_MIN":     {"8", "15", "64"},
		"POSTERN_LOGIN_MAX_WAIT":   {"1s", "24h"},
		"POSTERN_SHUTDOWN_TIMEOUT": {"1s", "34s"},
	} {
		for _, value := range values {
			_, err := parse(lookUp([]string{variable + "=" + value}))
			require.NoError(t, err, "%s=%s", variable, value)
		}
	}
}

func TestSecretsThatAreRefused(t *testing.T) {
	t.Parallel()
	const tutorial = "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"
	for name, c := range map[string]struct {
		variable, value string
		also            []string
		says            []string
	}{
		"short":                  {"POSTERN_JWT_SECRET", canary, nil, []string{"POSTERN_JWT_SECRET", "openssl rand"}},
		"31 bytes":               {"POSTERN_JWT_SECRET", testSecret[:31], nil, []string{"POSTERN_JWT_SECRET", "openssl rand"}},
		"repeated":               {"POSTERN_JWT_SECRET", strings.Repeat("k", 64), nil, []string{"POSTERN_JWT_SECRET", "repeats itself"}},
		"well known":             {"POSTERN_JWT_SECRET", tutorial, nil, []string{"POSTERN_JWT_SECRET", "published"}},
		"previous, short":        {"POSTERN_JWT_SECRET_PREVIOUS", canary, []string{"POSTERN_JWT_SECRET=" + testSecret}, []string{"POSTERN_JWT_SECRET_PREVIOUS cannot"}},
		"previous alone":         {"POSTERN_JWT_SECRET_PREVIOUS", testSecret, nil, []string{"POSTERN_JWT_SECRET_PREVIOUS has no effect without POSTERN_JWT_SECRET"}},
		"previous is the same":   {"POSTERN_JWT_SECRET_PREVIOUS", testSecret, []string{"POSTERN_JWT_SECRET=" + testSecret}, []string{"POSTERN_JWT_SECRET_PREVIOUS is the same"}},
		"with a key file":        {"POSTERN_JWT_SECRET", testSecret, []string{"POSTERN_KEYS_FILE=/k"}, []string{"POSTERN_JWT_SECRET", "POSTERN_KEYS_FILE"}},
		"PostgreSQL, no secret":  {"POSTERN_DATABASE_URL", "postgresql://" + canary, nil, []string{"POSTERN_JWT_SECRET or POSTERN_KEYS_FILE is needed", "openssl rand", "postern keys create"}},
		"PostgreSQL, bad secret": {"POSTERN_DATABASE_URL", "postgres://" + canary, []string{"POSTERN_JWT_SECRET=" + canary}, []string{"POSTERN_JWT_SECRET cannot"}},
		"migrations nowhere":     {"POSTERN_MIGRATION_URL", "postgres://" + canary, nil, []string{"POSTERN_MIGRATION_URL has no effect without POSTERN_DATABASE_URL"}},
		"migrations elsewhere":   {"POSTERN_MIGRATION_URL", "mysql://" + canary, []string{"POSTERN_DATABASE_URL=postgres://x", "POSTERN_JWT_SECRET=" + testSecret}, []string{"POSTERN_MIGRATION_URL must be a postgres:// URL"}},
		"migrations by a pooler": {"POSTERN_DATABASE_URL", "postgres://" + canary, []string{"POSTERN_DATABASE_POOLER=on", "POSTERN_JWT_SECRET=" + testSecret}, []string{"POSTERN_MIGRATION_URL is needed with POSTERN_DATABASE_POOLER=on"}},
		"another database":       {"POSTERN_DATABASE_URL", "mysql://" + canary, nil, []string{"POSTERN_DATABASE_URL must be empty"}},
		"no URL":                 {"POSTERN_DATABASE_URL", canary, nil, []string{"POSTERN_DATABASE_URL must be empty"}},
		"ours wins":              {"POSTERN_DATABASE_URL", "mysql://" + canary, []string{"DATABASE_URL=postgres://" + canary}, []string{"POSTERN_DATABASE_URL must be empty"}},
	} {
		for _, form := range []string{"variable", "file"} {
			t.Run(name+"/"+form, func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(t.TempDir(), "data")
				env := append([]string{"POSTERN_DATA_DIR=" + dir, c.variable + "=" + c.value}, c.also...)
				if form == "file" {
					env[1] = c.variable + "_FILE=" + write(t, c.value)
				}
				code, stdout, stderr := postern(t, env)
				require.Equal(t, exitUsage, code, stderr)
				for _, says := range c.says {
					require.Contains(t, stderr, says)
				}
				require.NotContains(t, stdout+stderr, c.value)
				require.NotContains(t, stdout+stderr, testSecret)
				require.NotContains(t, stdout+stderr, canary)
				require.NoDirExists(t, dir, "nothing was created")
			})
		}
	}
}

func TestDatabaseURLWithoutPrefix(t *testing.T) {
	t.Parallel()
	code, _, stderr := postern(t, []string{"DATABASE_URL=mysql://" + canary, "POSTERN_JWT_SECRET=" + testSecret})
	require.Equal(t, exitUsage, code)
	require.True(t, strings.HasPrefix(stderr, "postern: DATABASE_URL must be empty"), stderr)
	require.NotContains(t, stderr, canary)
}

func TestPathsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	file := write(t, canary)
	for name, c := range map[string]struct {
		env  []string
		says string
	}{
		"data folder is a file":  {[]string{"POSTERN_DATA_DIR=" + file}, "POSTERN_DATA_DIR (--data-dir) is a folder that cannot be created"},
		"key file is no JWK Set": {[]string{"POSTERN_DATA_DIR=" + t.TempDir(), "POSTERN_KEYS_FILE=" + file}, "POSTERN_KEYS_FILE: key file: is not a JWK Set"},
		"key file in no folder":  {[]string{"POSTERN_DATA_DIR=" + t.TempDir(), "POSTERN_KEYS_FILE=" + file + "/keys.json"}, "POSTERN_KEYS_FILE"},
	} {
		code, stdout, stderr := postern(t, append(c.env, "POSTERN_ADDR=127.0.0.1:0"))
		require.NotZero(t, code, name)
		require.Contains(t, stderr, c.says)
		require.NotContains(t, stdout+stderr, file)
		require.NotContains(t, stdout+stderr, canary)
	}
}

// write writes text to a file with mode 0600 and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}
