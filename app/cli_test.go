package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// canary is a value that no message may contain.
const canary = "canary7f3a"

func TestArgumentsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"unknown flag":             {[]string{"--adr=" + canary}, `unknown flag --adr, did you mean "--addr"?`},
		"unknown short flag":       {[]string{"-x" + canary}, "unknown flag -x"},
		"a secret as a flag":       {[]string{"--jwt-secret=" + canary}, "unknown flag --jwt-secret"},
		"a secret as two":          {[]string{"--jwt-secret", canary}, "unknown flag --jwt-secret"},
		"unknown command":          {[]string{canary}, "neither a command nor a flag"},
		"an argument too many":     {[]string{"serve", canary}, "neither a command nor a flag"},
		"an argument behind --":    {[]string{"--", canary}, "neither a command nor a flag"},
		"a value for --help":       {[]string{"--help=" + canary}, "neither a command nor a flag"},
		"no subcommand":            {[]string{"keys"}, `expected one of "list", "create", "rotate"`},
		"unknown subcommand":       {[]string{"keys", canary}, "neither a command nor a flag"},
		"an unknown algorithm":     {[]string{"keys", "rotate", "--algorithm=" + canary}, "--algorithm must be one of HS256, EdDSA, Ed25519, ES256"},
		"a value for --all":        {[]string{"keys", "rotate", "--all=" + canary}, "neither a command nor a flag"},
		"no account":               {[]string{"users", "set-password"}, `expected "<email>"`},
		"a password as argument":   {[]string{"users", "set-password", "ada@example.com", canary}, "neither a command nor a flag"},
		"flag of another command":  {[]string{"--addr=" + canary + ":1", "version"}, "flag --addr applies to the default command"},
		"flag without a value":     {[]string{"--addr"}, "POSTERN_ADDR (--addr) needs a value"},
		"flag instead of a value":  {[]string{"--addr", "--data-dir=" + canary}, "POSTERN_ADDR (--addr) needs a value"},
		"flag with an empty value": {[]string{"--addr="}, "POSTERN_ADDR (--addr) must be"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := postern(t, nil, c.args...)
			require.Equal(t, exitUsage, code)
			require.Empty(t, stdout)
			require.Contains(t, stderr, c.says)
			require.NotContains(t, stderr, canary)
			require.Regexp(t, `^postern: [^\n]+\n$`, stderr, "the message is one line")
		})
	}
}

func TestUnknownVariablesAreRefused(t *testing.T) {
	t.Parallel()
	env := []string{"POSTERN_ADRR=" + canary, "POSTERN_JWTSECRET=" + canary, "POSTERN_XYZZY=" + canary, "HOME=/", "POSTERNO=1"}
	code, _, stderr := postern(t, env, "serve")
	require.Equal(t, exitUsage, code)
	require.Equal(t, "postern: POSTERN_ADRR is not a setting: did you mean POSTERN_ADDR?; "+
		"POSTERN_JWTSECRET is not a setting: did you mean POSTERN_JWT_SECRET?; "+
		"POSTERN_XYZZY is not a setting; see postern --help\n", stderr)

	code, stdout, _ := postern(t, env, "--help")
	require.Zero(t, code, "a misspelt variable does not keep the help from being shown")
	require.Contains(t, stdout, "POSTERN_ADDR")
}

func TestEditDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b     string
		distance int
	}{{"", "", 0}, {"abc", "abc", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}} {
		require.Equal(t, c.distance, editDistance(c.a, c.b), "%s, %s", c.a, c.b)
	}
}

func TestFlagsWinOverVariablesAndEmptyVariablesAreUnset(t *testing.T) {
	t.Parallel()
	env := lookUp([]string{"POSTERN_ADDR=:1", "POSTERN_DATA_DIR=/from-variable", "POSTERN_TOKEN_TTL=", "POSTERN_CORS_ORIGINS=https://a.example"})
	command, err := parseCommand([]string{"--addr=:2", "--cors-origins="}, env, io.Discard)
	require.NoError(t, err)
	c := command.Model.Target.Interface().(cli).Serve.config
	require.Equal(t, ":2", c.Addr)
	require.Empty(t, c.CORSOrigins)
	require.Equal(t, "/from-variable", c.DataDir)
	require.Equal(t, "30m0s", c.TokenTTL.String())
	require.Equal(t, "postern", c.TokenIssuer)
}

func TestSettingsComeFromTheGivenEnvironmentOnly(t *testing.T) {
	t.Setenv("POSTERN_ADDR", ":1")
	t.Setenv("POSTERN_LOG_LEVEL", canary)
	command, err := parseCommand(nil, func(string) string { return "" }, io.Discard)
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:8080", command.Model.Target.Interface().(cli).Serve.Addr)
}

func TestHelpNamesEverySetting(t *testing.T) {
	t.Parallel()
	code, help, stderr := postern(t, nil, "--help")
	require.Zero(t, code)
	require.Empty(t, stderr)
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var inCode []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		inCode = append(inCode, regexp.MustCompile(`POSTERN_[A-Z_]*[A-Z]`).FindAllString(string(source), -1)...)
	}
	names, err := variableNames()
	require.NoError(t, err)
	require.Greater(t, len(names), 15)
	for _, name := range append(names, inCode...) {
		base := name
		if !strings.Contains(help, name) {
			base = strings.TrimSuffix(name, "_FILE") // the help explains _FILE once
		}
		require.Contains(t, help, base)
		require.True(t, slices.Contains(names, name), "%s is in the code but is no setting", name)
	}
	require.Contains(t, help, "suffix _FILE")
	for _, line := range strings.Split(help, "\n") {
		require.LessOrEqual(t, len(line), 100, line)
	}
	require.True(t, strings.HasPrefix(help, "Usage: postern <command> [flags]\n\nPostern serves an API "), "the help begins with a description")
	_, examples, found := strings.Cut(help, "\nExamples:\n")
	require.True(t, found)
	require.NotContains(t, examples, "\n\n", "they come last")
}

func TestHelpOfACommand(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]string{
		"serve": "POSTERN_ADDR, default: 127.0.0.1:8080", "keys": "keys rotate", "keys list": "keys.json in the data folder",
		"keys rotate": "--all", "keys create": "default: HS256", "users": "users import", "users import <file>": "NDJSON",
		"users set-password <email>": "POSTERN_PASSWORD_MIN", "users end-sessions <email>": "POSTERN_DATABASE_LOCK_TIMEOUT",
		"users set-email <email> <new-email>": "counts as confirmed",
		"users suspend <email>":               "account_suspended", "users restore <email>": "Sessions that were ended stay ended", "posts": "posts hide",
		"posts hide <id>": "is not found at once", "posts show <id>": "published, or a draft", "sessions": "sessions end",
		"sessions end": "--all", "audit": "account on the operating system",
		"backup <file>": "--verify", "restore <file>": "kept in the data folder", "epoch": "epoch new", "epoch new": "users_id_seq",
		"doctor": "exit status is 0 without problems", "healthcheck": "--addr=HOST:PORT", "version": "version of this build",
	} {
		command, _, _ := strings.Cut(name, " <")
		code, stdout, stderr := postern(t, []string{"POSTERN_ADDR=" + canary}, append(strings.Fields(command), "-h")...)
		require.Zero(t, code, stderr)
		require.Contains(t, strings.Join(strings.Fields(stdout), " "), says, name)
		require.Contains(t, stdout, "Usage: postern "+name)
	}
}
