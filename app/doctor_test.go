package main

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/adapters/token"
	"example.com/postern/domain/diagnosis"
)

// doctor runs postern doctor --format=json, and returns its findings by the name of the check.
func doctor(t *testing.T, environ []string, args ...string) (code int, findings map[string]diagnosis.Finding) {
	t.Helper()
	code, stdout, stderr := postern(t, environ, append([]string{"doctor", "--format=json"}, args...)...)
	require.NotContains(t, stdout+stderr, canary)
	var report doctorReport
	require.NoError(t, json.Unmarshal([]byte(stdout), &report), stderr)
	findings = map[string]diagnosis.Finding{}
	for _, f := range report.Findings {
		findings[f.Check] = f
	}
	require.Len(t, findings, len(report.Findings), "each check has one finding")
	require.Equal(t, code == exitFailed, report.Status == diagnosis.StatusProblem)
	return code, findings
}

// documentedChecks returns the names of the checks in docs/operations.md, in order.
func documentedChecks(t *testing.T) (names []string) {
	t.Helper()
	page, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(string(page), -1) {
		names = append(names, row[1])
	}
	return names
}

func TestDoctorOfAServingStore(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		s := launch(t, env)
		var environ []string
		for name, value := range env {
			environ = append(environ, name+"="+value)
		}
		if folder := env["POSTERN_DATA_DIR"]; folder != "" {
			require.NoError(t, os.Chmod(folder, 0o700))
		}
		code, stdout, stderr := postern(t, environ, "doctor")
		require.Zero(t, code, stdout+stderr)
		require.Empty(t, stderr)
		var checks []string
		for _, line := range regexp.MustCompile(`(?m)^(?:ok|skipped) +(\S+) +\S`).FindAllStringSubmatch(stdout, -1) {
			checks = append(checks, line[1])
		}
		require.Equal(t, documentedChecks(t), checks, "every check has one line, in the order of the documentation")
		require.Regexp(t, `\n\n17 checks\. ok: \d+\. warning: 0\. problem: 0\. skipped: \d+\.\n$`, stdout)
		code, findings := doctor(t, environ)
		require.Zero(t, code)
		require.Equal(t, "the keys are derived from POSTERN_JWT_SECRET", findings["keys"].Message)
		require.NoError(t, s.shutDown())
		require.NotContains(t, s.stderr.String(), `"level":"ERROR"`, "the service was not disturbed")
	})
}

func TestDoctorCreatesNothing(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), canary)
	code, findings := doctor(t, []string{"POSTERN_DATA_DIR=" + folder})
	require.Equal(t, exitFailed, code)
	for _, check := range []string{"data-folder", "store"} {
		require.Equal(t, diagnosis.StatusProblem, findings[check].Status, check)
	}
	require.NoDirExists(t, folder)

	database := pgtest.Empty(t)
	environ := []string{"POSTERN_DATABASE_URL=" + database, "POSTERN_JWT_SECRET=" + testSecret}
	_, findings = doctor(t, environ)
	require.Equal(t, diagnosis.StatusWarning, findings["schema"].Status)
	_, findings = doctor(t, environ)
	require.Contains(t, findings["schema"].Message, "version 0", "the schema was not migrated")
}

func TestDoctorFindsFaultsOfKeys(t *testing.T) {
	t.Parallel()
	year := 365 * 24 * time.Hour
	for name, c := range map[string]struct {
		spoil  func(t *testing.T, path string)
		status diagnosis.Status
		says   string
	}{
		"good":     {func(*testing.T, string) {}, diagnosis.StatusOK, "mode 0600 and belongs to user "},
		"missing":  {func(t *testing.T, path string) { require.NoError(t, os.Remove(path)) }, diagnosis.StatusWarning, "no key file"},
		"readable": {func(t *testing.T, path string) { require.NoError(t, os.Chmod(path, 0o644)) }, diagnosis.StatusProblem, "chmod 600"},
		"damaged": {func(t *testing.T, path string) { require.NoError(t, os.WriteFile(path, []byte(canary), 0o600)) },
			diagnosis.StatusProblem, "not a JWK Set"},
		"replaceable": {func(t *testing.T, path string) { require.NoError(t, os.Chmod(filepath.Dir(path), 0o777)) },
			diagnosis.StatusProblem, "every user may replace the key file"},
		"old": {func(t *testing.T, path string) {
			require.NoError(t, os.Remove(path))
			require.NoError(t, token.CreateFile(path, clock().Add(-year-time.Hour), token.HS256))
		}, diagnosis.StatusWarning, "the signing key is 365 days old"},
	} {
		for _, inside := range []bool{true, false} {
			data := t.TempDir()
			makeStore(t, data)
			path := filepath.Join(data, keysName)
			environ := []string{"POSTERN_DATA_DIR=" + data}
			if !inside {
				path = filepath.Join(t.TempDir(), canary)
				environ = append(environ, "POSTERN_KEYS_FILE="+path)
			}
			require.NoError(t, os.Chmod(filepath.Dir(path), 0o700))
			require.NoError(t, token.CreateFile(path, clock(), token.HS256))
			c.spoil(t, path)
			_, findings := doctor(t, environ)
			require.Equal(t, c.status, findings["keys"].Status, "%s: %s", name, findings["keys"].Message)
			require.Contains(t, findings["keys"].Message, c.says)
		}
	}
	database := pgtest.Migrated(t, postgres.Migrate)
	_, findings := doctor(t, []string{"POSTERN_DATABASE_URL=" + database, "POSTERN_KEYS_FILE=" + filepath.Join(t.TempDir(), canary)})
	require.Equal(t, diagnosis.StatusProblem, findings["keys"].Status, "instances cannot share a key that one of them creates")
}

func TestDoctorChecksTrustedProxies(t *testing.T) {
	t.Parallel()
	for proxies, status := range map[string]diagnosis.Status{
		"": diagnosis.StatusOK, "10.0.0.0/8,fc00::/7,127.0.0.1,203.0.113.0/24,2001:db8::/32": diagnosis.StatusOK,
		"0.0.0.0/0": diagnosis.StatusProblem, "::/0": diagnosis.StatusProblem, "0.0.0.0/1,128.0.0.0/1": diagnosis.StatusProblem,
		"10.0.0.0/7": diagnosis.StatusProblem, "2000::/3": diagnosis.StatusProblem, "::ffff:0:0/96": diagnosis.StatusProblem,
		"192.0.0.0/8": diagnosis.StatusWarning, "2001::/20": diagnosis.StatusWarning, "203.0.0.0/15": diagnosis.StatusWarning,
	} {
		c := config{}
		if proxies != "" {
			prefixes, err := parsePrefixes(proxies)
			require.NoError(t, err)
			c.TrustedProxies = prefixes
		}
		require.Equal(t, status, c.checkTrustedProxies(t.Context()).Status, proxies)
	}
	require.False(t, isWide(netip.MustParsePrefix("172.16.0.0/12")))
}

func TestDoctorUsage(t *testing.T) {
	t.Parallel()
	for says, c := range map[string]struct{ environ, args []string }{
		"POSTERN_DATA_DIR":              {[]string{"POSTERN_DATA_DIR=~/" + canary}, nil},
		"POSTERN_JWT_SECRET":            {[]string{"POSTERN_DATABASE_URL=postgres://" + canary}, nil},
		"--format must be one of text,": {nil, []string{"--format=" + canary}},
	} {
		code, stdout, stderr := postern(t, c.environ, append([]string{"doctor"}, c.args...)...)
		require.Equal(t, exitUsage, code)
		require.Empty(t, stdout)
		require.Contains(t, stderr, says)
		require.NotContains(t, stderr, canary)
	}
}

// TestDoctorAsRoot uses a folder of another user as that user, and does not guess whose a shared folder is.
func TestDoctorAsRoot(t *testing.T) {
	t.Parallel()
	folder, isRoot := foreignFolder(t)
	if !isRoot {
		return
	}
	before := names(t, folder)
	code, output := runProcess(t, "doctor", "--data-dir="+folder)
	require.Zero(t, code, output)
	require.Contains(t, output, "belongs to user 42424")
	require.Equal(t, before, names(t, folder))
	requireOwned(t, folder)

	shared := t.TempDir()
	makeStore(t, shared)
	require.NoError(t, os.Chown(shared, 0, serviceUser))
	require.NoError(t, os.Chmod(shared, 0o770))
	require.NoError(t, os.Chown(filepath.Join(shared, databaseName), serviceUser, serviceUser))
	code, output = runProcess(t, "doctor", "--data-dir="+shared)
	require.Equal(t, exitUsage, code, output)
	require.Contains(t, output, "it belongs to user 42424")
	require.Contains(t, output, "run the command as that user")
	require.Equal(t, []string{databaseName}, names(t, shared))
}

// TestDoctorReportIsStable: scripts rely on these names.
func TestDoctorReportIsStable(t *testing.T) {
	t.Parallel()
	bad, good := diagnosis.Problem("a < b", "do\nit\xff"), diagnosis.OK("fine")
	bad.Check, good.Check = "keys", "clock"
	report := doctorReport{Version: "1", Status: worst([]diagnosis.Finding{bad, good}), Findings: []diagnosis.Finding{bad, good}}
	var b strings.Builder
	require.NoError(t, report.print(&b, "json"))
	require.Equal(t, `{"version":"1","status":"problem","findings":[`+
		`{"check":"keys","status":"problem","message":"a < b","action":"do\nit�"},{"check":"clock","status":"ok","message":"fine"}]}`+"\n", b.String())
	b.Reset()
	require.NoError(t, report.print(&b, "text"))
	require.Equal(t, "problem  keys              a < b. To do: do it\xff\nok       clock             fine\n\n"+
		"2 checks. ok: 1. warning: 0. problem: 1. skipped: 0.\n", b.String())
	require.Equal(t, diagnosis.StatusOK, worst([]diagnosis.Finding{good, diagnosis.Skipped("")}))
	require.Equal(t, diagnosis.StatusWarning, worst([]diagnosis.Finding{good, diagnosis.Warning("", "")}))
}
