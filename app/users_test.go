package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	client "example.com/postern/api/client/wire"
)

// environ returns settings in the form of [os.Environ].
func environ(env map[string]string) (list []string) {
	for name, value := range env {
		if name != "POSTERN_JWT_SECRET" { // the commands need no keys
			list = append(list, name+"="+value)
		}
	}
	return list
}

// requireRefusedSoon waits until an access token is refused, and requires that it stays refused.
func (s *instance) requireRefusedSoon(t *testing.T, access string) {
	t.Helper()
	require.Eventually(t, func() bool { return s.me(t, access) == http.StatusUnauthorized }, patience, 5*time.Millisecond)
	require.Equal(t, http.StatusUnauthorized, s.me(t, access))
}

func TestPasswordIsSetWhileServing(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		s := launch(t, env)
		before := s.signUp(t, ada)
		other := s.signUp(t, "grace@example.com")
		const newPassword = "marmalade-heron-kite"
		code, stdout, stderr := posternReading(t, newPassword+"\n", environ(env), "users", "set-password", "ADA@example.com")
		require.Zero(t, code, stderr)
		require.Equal(t, "The password is replaced, and all sessions of the account have ended.\n", stdout)
		s.requireRefusedSoon(t, before.AccessToken)
		_, status := s.refresh(t, before.RefreshToken)
		require.Equal(t, http.StatusBadRequest, status)
		after := s.logIn(t, ada, newPassword)
		require.Equal(t, http.StatusOK, s.me(t, after.AccessToken))
		old, err := s.client(t).LoginWithFormdataBodyWithResponse(t.Context(), client.LoginForm{Username: ada, Password: goodPassword})
		require.NoError(t, err)
		require.Equal(t, http.StatusForbidden, old.StatusCode())
		require.Equal(t, http.StatusOK, s.me(t, other.AccessToken), "sessions of other accounts go on")
	})
}

func TestAnAccountIsShown(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		s := launch(t, env)
		s.signUp(t, ada)
		code, stdout, stderr := postern(t, environ(env), "users", "show", "ADA@example.com")
		require.Zero(t, code, stderr)
		require.Regexp(t, `^id         \d+\nemail      ada@example.com\ncreated    20\d\d-.*Z\nconfirmed  never\nsuspended  no\nsessions   1\n$`, stdout)

		hash, err := bcrypt.GenerateFromPassword([]byte(goodPassword), bcrypt.MinCost)
		require.NoError(t, err)
		line := `{"email": "Eve@example.com", "hash": "` + string(hash) + `",
			"created_at": "2024-05-01T14:00:00+02:00", "email_verified_at": "2024-05-02T12:00:00Z"}`
		code, _, stderr = posternReading(t, strings.ReplaceAll(line, "\n", ""), environ(env), "users", "import", "-")
		require.Zero(t, code, stderr)
		code, stdout, stderr = postern(t, environ(env), "users", "show", "eve@example.com")
		require.Zero(t, code, stderr)
		require.Regexp(t, `^id         \d+\nemail      Eve@example.com\ncreated    2024-05-01T12:00:00Z\nconfirmed  2024-05-02T12:00:00Z\nsuspended  no\nsessions   0\n$`, stdout)

		code, _, stderr = postern(t, environ(env), "users", "show", "nobody@example.com")
		require.Equal(t, 1, code)
		require.Contains(t, stderr, "There is no such user")
	})
}

func TestSessionsAreEndedWhileServing(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		s := launch(t, env)
		one, two := s.signUp(t, ada), s.logIn(t, ada, goodPassword)
		for _, line := range []string{"Sessions ended: 2.\n", "Sessions ended: 0.\n"} {
			code, stdout, stderr := postern(t, environ(env), "users", "end-sessions", ada)
			require.Zero(t, code, stderr)
			require.Equal(t, line, stdout)
		}
		s.requireRefusedSoon(t, one.AccessToken)
		s.requireRefusedSoon(t, two.AccessToken)
		require.Equal(t, http.StatusOK, s.me(t, s.logIn(t, ada, goodPassword).AccessToken), "the password stays")
	})
}

func importLine(t *testing.T, email, hash string) string {
	t.Helper()
	line, err := json.Marshal(map[string]string{"email": email, "hash": hash, "created_at": "2019-02-03T04:05:06.789Z"})
	require.NoError(t, err)
	return string(line)
}

func TestImportWhileServing(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		s := launch(t, env)
		s.signUp(t, ada)
		const password = "correct-horse-battery"
		hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		require.NoError(t, err)
		lines := []string{
			importLine(t, "hedy@example.com", string(hash)),
			"",
			importLine(t, "Ada@Example.com", string(hash)),
			importLine(t, "no address "+canary, string(hash)),
			importLine(t, "grace@example.com", canary),
			`{"email": "` + canary + `"`,
			importLine(t, "x@example.com", strings.Repeat(canary, 2000)),
			importLine(t, "mary@example.com", string(hash)), // the last line has no newline
		}
		file := filepath.Join(t.TempDir(), canary)
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600))
		code, stdout, stderr := postern(t, environ(env), "users", "import", file)
		require.Equal(t, exitFailed, code)
		require.Equal(t, "Imported: 2. Skipped, because the address is taken: 1. Failed: 4.\n", stdout)
		require.NotContains(t, stderr, canary)
		require.NotContains(t, stderr, string(hash))
		require.Regexp(t, `^line 3: skipped: the address has an account
line 4: email [^\n]+
line 5: hash [^\n]+
line 6: the line is not one JSON object
line 7: is longer than 16384 bytes
postern: not every line was imported: correct the reported lines and import them again\n$`, stderr)

		login := s.logIn(t, "hedy@example.com", password)
		me, err := s.client(t).GetCurrentUserWithResponse(t.Context(), bearer(login.AccessToken))
		require.NoError(t, err)
		require.NotNil(t, me.JSON200, string(me.Body))
		require.Equal(t, "2019-02-03T04:05:06.789Z", me.JSON200.CreatedAt.Format(time.RFC3339Nano))
		s.logIn(t, "mary@example.com", password)
		s.logIn(t, "hedy@example.com", password) // the bcrypt hash has been replaced

		code, stdout, stderr = posternReading(t, strings.Join(lines[:3], "\r\n"), environ(env), "users", "import", "-")
		require.Zero(t, code, stderr)
		require.Equal(t, "Imported: 0. Skipped, because the address is taken: 2. Failed: 0.\n", stdout)
	})
}

func TestAccountCommandsThatAreRefused(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), canary)
	s := launch(t, map[string]string{"POSTERN_DATA_DIR": data})
	login := s.signUp(t, ada)
	nowhere := filepath.Join(t.TempDir(), canary)
	database := "postgres://" + canary + ":" + canary + "@127.0.0.1:1/" + canary
	for name, c := range map[string]struct {
		stdin   string
		environ []string
		args    []string
		code    int
		says    string
	}{
		"nobody's password":   {goodPassword, nil, []string{"set-password", canary + "@example.com"}, exitFailed, "There is no such user."},
		"nobody's sessions":   {"", nil, []string{"end-sessions", canary + "@example.com"}, exitFailed, "There is no such user."},
		"a bad address":       {"", nil, []string{"set-email", ada, canary}, exitFailed, "email must be an e-mail address"},
		"no password":         {"", nil, []string{"set-password", ada}, exitFailed, "no password was given"},
		"an empty line":       {"\n" + canary, nil, []string{"set-password", ada}, exitFailed, "no password was given"},
		"a short password":    {"canary7\n", nil, []string{"set-password", ada}, exitFailed, "password must have at least 8 characters"},
		"a higher minimum":    {canary + "\n", []string{"POSTERN_PASSWORD_MIN=15"}, []string{"set-password", ada}, exitFailed, "password must have at least 15 characters"},
		"a common password":   {"password123\n", nil, []string{"set-password", ada}, exitFailed, "password is one of the passwords that are guessed first"},
		"an endless password": {strings.Repeat(canary, 1000), nil, []string{"set-password", ada}, exitFailed, "longer than 1024 bytes"},
		"no file":             {"", nil, []string{"import", nowhere}, exitFailed, "<file> cannot be read: no such file or directory"},
		"a folder":            {"", nil, []string{"import", data}, exitFailed, "line 1 cannot be read: is a directory"},
		"no store":            {"", []string{"POSTERN_DATA_DIR=" + nowhere}, []string{"end-sessions", ada}, exitFailed, "there is no store in POSTERN_DATA_DIR (--data-dir)"},
		"no database":         {"", []string{"DATABASE_URL=" + database}, []string{"end-sessions", ada}, exitFailed, "the store at DATABASE_URL: "},
		"another database":    {"", []string{"DATABASE_URL=mysql://" + canary}, []string{"end-sessions", ada}, exitUsage, "DATABASE_URL must be"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := posternReading(t, c.stdin, append([]string{"POSTERN_DATA_DIR=" + data}, c.environ...), append([]string{"users"}, c.args...)...)
			require.Equal(t, c.code, code, stderr)
			require.Contains(t, stderr, c.says)
			require.NotContains(t, stdout+stderr, canary)
			require.NotContains(t, stdout+stderr, "ended", "the output does not say that anything was done")
		})
	}
	require.NoDirExists(t, nowhere)
	require.Equal(t, http.StatusOK, s.me(t, login.AccessToken), "nothing was changed")
	s.logIn(t, ada, goodPassword)
}

// TestImportOfManyLines reads more than a buffer. No line is lost or cut at its end.
func TestImportOfManyLines(t *testing.T) {
	t.Parallel()
	data := filepath.Dir(storeWith(t))
	hash, err := bcrypt.GenerateFromPassword([]byte(goodPassword), bcrypt.MinCost)
	require.NoError(t, err)
	var lines strings.Builder
	for n := range 300 {
		lines.WriteString(importLine(t, fmt.Sprintf("u%d@example.com", n), string(hash)) + "\n")
	}
	code, stdout, stderr := posternReading(t, lines.String(), []string{"POSTERN_DATA_DIR=" + data}, "users", "import", "-")
	require.Zero(t, code, stderr)
	require.Equal(t, "Imported: 300. Skipped, because the address is taken: 0. Failed: 0.\n", stdout)
}
