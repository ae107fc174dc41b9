package postgres

import (
	"context"
	"crypto/rand"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain/diagnosis"
)

// findingOf returns the finding of one check.
func findingOf(t *testing.T, findings []diagnosis.Finding, check string) diagnosis.Finding {
	t.Helper()
	for _, f := range findings {
		if f.Check == check {
			return f
		}
	}
	t.Fatalf("there is no check %s", check)
	return diagnosis.Finding{}
}

// requireFinding requires the status of one check, and a part of its message. A fault must have a remedy.
func requireFinding(t *testing.T, findings []diagnosis.Finding, check string, status diagnosis.Status, says string) {
	t.Helper()
	finding := findingOf(t, findings, check)
	require.Equal(t, status, finding.Status, finding.Message)
	require.Contains(t, finding.Message, says)
	faulty := status == diagnosis.StatusProblem || status == diagnosis.StatusWarning
	require.Equal(t, faulty, finding.Action != "", finding.Message)
}

func requireSound(t *testing.T, findings []diagnosis.Finding) {
	t.Helper()
	for _, f := range findings {
		require.Contains(t, []diagnosis.Status{diagnosis.StatusOK, diagnosis.StatusSkipped}, f.Status, "%s: %s", f.Check, f.Message)
	}
}

// TestDiagnoseDuringAWrite runs while another transaction holds locks on rows and on a table.
func TestDiagnoseDuringAWrite(t *testing.T) {
	t.Parallel()
	database := pgtest.Migrated(t, Migrate)
	conn, err := pgx.Connect(t.Context(), database)
	require.NoError(t, err)
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "UPDATE store_epoch SET id = 'changed'; LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")
	require.NoError(t, err)
	requireSound(t, Diagnose(t.Context(), database, Options{}))
	requireSound(t, Diagnose(t.Context(), database, Options{SkipMigrations: true}))
	require.NoError(t, tx.Rollback(t.Context()))
	require.NoError(t, conn.Close(t.Context()))
}

func TestDiagnoseFinds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil   []string
		options Options
		check   string
		status  diagnosis.Status
		says    string
	}{
		"an invalid index": {[]string{"UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid = 'posts_own_shown_idx'::regclass"}, Options{},
			"indexes", diagnosis.StatusProblem, "posts_own_shown_idx"},
		"no tables":                    {[]string{"DROP SCHEMA public CASCADE; CREATE SCHEMA public"}, Options{SkipMigrations: true}, "schema", diagnosis.StatusProblem, "version 0"},
		"no schema":                    {[]string{"DROP SCHEMA public CASCADE"}, Options{}, "privileges", diagnosis.StatusProblem, "search_path"},
		"an older schema":              {[]string{"DELETE FROM goose_db_version WHERE version_id > 26"}, Options{}, "schema", diagnosis.StatusWarning, "version 26"},
		"an older schema, not by us":   {[]string{"DELETE FROM goose_db_version WHERE version_id > 26"}, Options{SkipMigrations: true}, "schema", diagnosis.StatusProblem, "does not start"},
		"a newer schema":               {[]string{"INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, TRUE)"}, Options{}, "schema", diagnosis.StatusWarning, "version 999"},
		"tables of another program":    {[]string{"DROP TABLE goose_db_version"}, Options{}, "schema", diagnosis.StatusProblem, "did not make"},
		"a table that cannot be read":  {[]string{"DROP VIEW shown_posts"}, Options{}, "store", diagnosis.StatusProblem, "read the tables"},
		"Aurora":                       {[]string{"CREATE FUNCTION aurora_version() RETURNS text LANGUAGE sql RETURN '17.4'"}, Options{}, "engine", diagnosis.StatusProblem, "Amazon Aurora is not supported"},
		"a setting without a pooler":   {nil, Options{Pooler: true, SkipMigrations: true}, "pooler", diagnosis.StatusWarning, "direct"},
		"a malformed URL to migrate":   {nil, Options{MigrationURL: "postgres://canary:canary@@"}, "migrations", diagnosis.StatusProblem, "percent-encoded"},
		"an unreachable migration URL": {nil, Options{MigrationURL: "postgres://canary:canary@127.0.0.1:1/canary"}, "migrations", diagnosis.StatusProblem, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Migrated(t, Migrate)
			execIn(t, database, c.spoil...)
			findings := Diagnose(t.Context(), database, c.options)
			requireFinding(t, findings, c.check, c.status, c.says)
			for _, f := range findings {
				require.NotContains(t, f.Message+f.Action, "canary")
			}
		})
	}
}

func TestDiagnoseOfAReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	database := pgtest.Migrated(t, Migrate)
	name := pgx.Identifier{ask[string](t, database, "SELECT current_database()")}.Sanitize()
	execIn(t, database, "ALTER DATABASE "+name+" SET default_transaction_read_only = on")
	requireFinding(t, Diagnose(t.Context(), database, Options{}), "store", diagnosis.StatusProblem, "read-only")
}

func TestDiagnoseOfAnotherEncoding(t *testing.T) {
	t.Parallel()
	findings := Diagnose(t.Context(), latin1(t), Options{})
	requireFinding(t, findings, "store", diagnosis.StatusProblem, "the server's server_encoding is LATIN1 and must be UTF8")
	requireFinding(t, findings, "encoding", diagnosis.StatusProblem, "LATIN1")
}

func TestDiagnoseOfAnUnreachableServer(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"postgres://canary:canary@127.0.0.1:1/canary", "postgres://canary:canary@@"} {
		findings := Diagnose(t.Context(), address, Options{})
		require.Equal(t, diagnosis.StatusProblem, findings[0].Status)
		require.Regexp(t, "^(the database cannot be connected to: connection refused|the URL has a character)", findings[0].Message)
		for _, f := range findings {
			require.NotContains(t, f.Message+f.Action, "canary")
			require.True(t, f.Check == "store" || f.Status == diagnosis.StatusSkipped, f.Check)
		}
	}
}

// TestDiagnoseOfAHangingServer asks a server that accepts connections and does not answer.
func TestDiagnoseOfAHangingServer(t *testing.T) {
	t.Parallel()
	server := pgtest.NewServer(t)
	server.Pause(t)
	findings := Diagnose(t.Context(), server.URL()+"&connect_timeout=1", Options{AcquireTimeout: 100 * time.Millisecond})
	server.Resume(t)
	require.Equal(t, diagnosis.StatusProblem, findings[0].Status)
	requireFinding(t, findings, "engine", diagnosis.StatusSkipped, "does not answer")
}

func TestDiagnoseThroughAPooler(t *testing.T) {
	t.Parallel()
	database := pgtest.Migrated(t, Migrate)
	through := pgtest.Bouncer(t, database)
	findings := Diagnose(t.Context(), through(database), Options{SkipMigrations: true, PoolerHint: "set it on"})
	requireFinding(t, findings, "store", diagnosis.StatusProblem, "set it on")
	requireFinding(t, findings, "pooler", diagnosis.StatusProblem, "transaction mode")
	require.Equal(t, "set it on", findingOf(t, findings, "pooler").Action)
	requireFinding(t, findings, "schema", diagnosis.StatusOK, "")

	findings = Diagnose(t.Context(), through(database), Options{Pooler: true, MigrationURL: through(database)})
	requireFinding(t, findings, "pooler", diagnosis.StatusOK, "transaction mode")
	requireFinding(t, findings, "migrations", diagnosis.StatusProblem, "pooler")
	requireSound(t, Diagnose(t.Context(), through(database), Options{Pooler: true, MigrationURL: database}))
}

// TestDiagnoseOfARole revokes each privilege of a role in turn.
func TestDiagnoseOfARole(t *testing.T) {
	t.Parallel()
	owner := pgtest.Migrated(t, Migrate)
	role := "doctor_" + strings.ToLower(rand.Text())
	execIn(t, owner, "CREATE ROLE "+role+" LOGIN PASSWORD '"+role+"'")
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), owner)
		require.NoError(t, err)
		_, err = conn.Exec(context.Background(), "DROP OWNED BY "+role+"; DROP ROLE "+role)
		require.NoError(t, err)
		require.NoError(t, conn.Close(context.Background()))
	})
	u, err := url.Parse(owner)
	require.NoError(t, err)
	u.User = url.UserPassword(role, role)
	diagnose := func() []diagnosis.Finding { return Diagnose(t.Context(), u.String(), Options{SkipMigrations: true}) }

	requireFinding(t, diagnose(), "privileges", diagnosis.StatusProblem, "SELECT on shown_posts")
	execIn(t, owner, pgtest.Grants(t, "../../docs/scaling.md", role))
	requireSound(t, diagnose())
	execIn(t, owner, "REVOKE INSERT ON operator_actions FROM "+role)
	requireFinding(t, diagnose(), "privileges", diagnosis.StatusProblem, "the role lacks INSERT on operator_actions")
	execIn(t, owner, "GRANT INSERT ON operator_actions TO "+role)
	execIn(t, owner, "REVOKE DELETE ON votes FROM "+role)
	requireFinding(t, diagnose(), "privileges", diagnosis.StatusProblem, "the role lacks DELETE on votes")

	findings := Diagnose(t.Context(), u.String(), Options{})
	requireFinding(t, findings, "migrations", diagnosis.StatusWarning, "may create nothing")
	execIn(t, owner, "GRANT CREATE ON SCHEMA public TO "+role)
	requireFinding(t, Diagnose(t.Context(), u.String(), Options{}), "migrations", diagnosis.StatusWarning, "ended_sessions, goose_db_version, ")
	execIn(t, owner, "DELETE FROM goose_db_version WHERE version_id > 26")
	requireFinding(t, Diagnose(t.Context(), u.String(), Options{}), "migrations", diagnosis.StatusProblem, "does not own")
	requireFinding(t, Diagnose(t.Context(), u.String(), Options{MigrationURL: owner}), "migrations", diagnosis.StatusOK, "direct")
}

func TestEngineFinding(t *testing.T) {
	t.Parallel()
	for version, status := range map[string]diagnosis.Status{
		"PostgreSQL 15.14 (Debian 15.14-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc":  diagnosis.StatusOK,
		"PostgreSQL 18.1 on x86_64-pc-linux-musl, compiled by gcc":                           diagnosis.StatusOK,
		"PostgreSQL 19beta1 on x86_64-pc-linux-gnu":                                          diagnosis.StatusOK,
		"PostgreSQL 16.1, compiled by Visual C++ build 1937, 64-bit":                         diagnosis.StatusOK,
		"CockroachDB CCL v25.4.5 (x86_64-pc-linux-gnu, built 2025/11/01, go1.25)":            diagnosis.StatusProblem,
		"PostgreSQL 15.12-YB-2.25.2.0-b0 on x86_64-pc-linux-gnu, compiled by clang":          diagnosis.StatusProblem,
		"PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC), Redshift 1.0.123": diagnosis.StatusProblem,
		"PostgreSQL 15.3 (EnterpriseDB Advanced Server 15.3.0) on x86_64-pc-linux-gnu":       diagnosis.StatusWarning,
		"PostgreSQL 16":     diagnosis.StatusWarning,
		"SomethingDB 1.2.3": diagnosis.StatusWarning,
	} {
		finding := engineFinding(version, false, false, "")
		require.Equal(t, status, finding.Status, version)
	}
	const original = "PostgreSQL 17.6 on x86_64-pc-linux-gnu"
	require.Equal(t, diagnosis.StatusProblem, engineFinding(original, true, false, "").Status)
	require.Equal(t, diagnosis.StatusProblem, engineFinding(original, false, true, "").Status)
	require.Equal(t, diagnosis.StatusWarning, engineFinding(original, false, false, "neon").Status)
}

func TestClockFinding(t *testing.T) {
	t.Parallel()
	for offset, status := range map[time.Duration]diagnosis.Status{
		0: diagnosis.StatusOK, time.Second: diagnosis.StatusOK, 1001 * time.Millisecond: diagnosis.StatusWarning,
		15 * time.Second: diagnosis.StatusWarning, 15001 * time.Millisecond: diagnosis.StatusProblem,
	} {
		require.Equal(t, status, clockFinding(offset, "behind").Status, offset)
	}
	require.Equal(t, "this machine's clock is 1.5s ahead of the server's", clockFinding(1500*time.Millisecond, "ahead of").Message)
}
