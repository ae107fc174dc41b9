package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/postgres/pgtest"
)

func execOn(t *testing.T, url, statements string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), statements)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	return url
}

func migrated(t *testing.T, statements string) string {
	t.Helper()
	return execOn(t, pgtest.Migrated(t, postgres.Migrate), statements)
}

func fileWith(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

const (
	oneUser     = `INSERT INTO users (email, email_key, password_hash, created_at) VALUES ('a', 'a', '', now())`
	newerSchema = `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`
	olderSchema = `DELETE FROM goose_db_version WHERE version_id > 1`
	strangers   = `CREATE TABLE users (id int PRIMARY KEY)`
)

func TestCopyRefusesSources(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from func(t *testing.T) string
		says string
	}{
		"no file":               {func(t *testing.T) string { return filepath.Join(t.TempDir(), canary) }, "the file does not exist"},
		"no file in the folder": {func(t *testing.T) string { return t.TempDir() }, "the file does not exist"},
		"another file":          {func(t *testing.T) string { return fileWith(t, canary, "Dear diary.") }, "file is not a database"},
		"an empty file":         {func(t *testing.T) string { return fileWith(t, canary, "") }, "this program did not make it"},
		"a newer file":          {func(t *testing.T) string { return storeWith(t, newerSchema) }, "run a newer program"},
		"an older file":         {func(t *testing.T) string { return storeWith(t, olderSchema) }, "serve it once with this program"},
		"an empty database":     {func(t *testing.T) string { return pgtest.Empty(t) }, "this program did not make its tables"},
		"a newer database":      {func(t *testing.T) string { return migrated(t, newerSchema) }, "run a newer program"},
		"an older database":     {func(t *testing.T) string { return migrated(t, olderSchema) }, "run the migrations first"},
		"no server":             {func(*testing.T) string { return "postgres://" + canary + ":" + canary + "@127.0.0.1:1/" + canary }, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			code, stdout, stderr := postern(t, []string{"POSTERN_COPY_FROM=" + c.from(t)}, "copy", "--to="+filepath.Join(dir, "new.db"))
			require.Equal(t, exitFailed, code)
			require.Empty(t, stdout)
			require.Contains(t, stderr, "postern: open POSTERN_COPY_FROM (--from): ")
			require.Contains(t, stderr, c.says)
			require.NotContains(t, stderr, canary)
			require.Empty(t, names(t, dir))
		})
	}
}

func TestCopyRefusesTargets(t *testing.T) {
	t.Parallel()
	from := storeWith(t, awkwardRows...)
	for name, c := range map[string]struct {
		to   func(t *testing.T) string
		says string
	}{
		"a file":                      {func(t *testing.T) string { return fileWith(t, canary+".db", "") }, "is there already"},
		"a folder with a store":       {func(t *testing.T) string { return filepath.Dir(storeWith(t)) }, "is there already"},
		"the WAL of another store":    {func(t *testing.T) string { p := fileWith(t, "x.db-wal", ""); return p[:len(p)-len("-wal")] }, "is there already"},
		"below a file":                {func(t *testing.T) string { return filepath.Join(fileWith(t, "file", ""), canary) }, "not a directory"},
		"a database with a user":      {func(t *testing.T) string { return migrated(t, oneUser) }, "it is not empty: the table users has rows"},
		"somebody else's tables":      {func(t *testing.T) string { return execOn(t, pgtest.Empty(t), strangers) }, "that this program did not make"},
		"an older schema":             {func(t *testing.T) string { return migrated(t, oneUser+";"+olderSchema) }, "run the migrations first"},
		"a newer schema":              {func(t *testing.T) string { return migrated(t, newerSchema) }, "its schema has version 9999"},
		"a server that is not there":  {func(*testing.T) string { return "postgres://" + canary + ":" + canary + "@127.0.0.1:1/" + canary }, "connection refused"},
		"a password that breaks URLs": {func(*testing.T) string { return "postgres://x:p@" + canary + "@h/x" }, "must be percent-encoded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := postern(t, []string{"POSTERN_COPY_TO=" + c.to(t)}, "copy", "--from="+from)
			require.Equal(t, exitFailed, code)
			require.Empty(t, stdout)
			require.Contains(t, stderr, "postern: open POSTERN_COPY_TO (--to): ")
			require.Contains(t, stderr, c.says)
			require.NotContains(t, stderr, canary)
		})
	}
}

func TestCopyNeedsTwoPlaces(t *testing.T) {
	t.Parallel()
	from, server := storeWith(t, awkwardRows...), migrated(t, "")
	secret := fileWith(t, "url", server)
	for name, c := range map[string]struct {
		environ, args []string
		says          string
	}{
		"none":                 {nil, nil, "POSTERN_COPY_FROM (--from) is needed"},
		"one":                  {nil, []string{"--from=" + from}, "POSTERN_COPY_TO (--to) is needed"},
		"another scheme":       {nil, []string{"--from=" + from, "--to=mysql://" + canary}, "POSTERN_COPY_TO must be the path of a file"},
		"one file":             {nil, []string{"--from=" + from, "--to=" + from}, "are the same store"},
		"a file by its folder": {nil, []string{"--from=" + from, "--to=" + filepath.Dir(from)}, "are the same store"},
		"one database":         {nil, []string{"--from=" + server, "--to=" + server}, "are the same store"},
		"variable and file": {
			[]string{"POSTERN_COPY_TO=" + canary, "POSTERN_COPY_TO_FILE=" + secret}, []string{"--from=" + from}, "are both set",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := postern(t, c.environ, append([]string{"copy"}, c.args...)...)
			require.Equal(t, exitUsage, code, stderr)
			require.Empty(t, stdout)
			require.Contains(t, stderr, c.says)
			require.NotContains(t, stderr, canary)
		})
	}
}

// TestCopyOntoItself names one database in two ways. The target is not empty.
func TestCopyOntoItself(t *testing.T) {
	t.Parallel()
	server := migrated(t, oneUser)
	code, stdout, stderr := postern(t, nil, "copy", "--from="+server, "--to="+server+"&application_name=other")
	require.Equal(t, exitFailed, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "POSTERN_COPY_TO (--to): it is not empty: the table users has rows")
}

func TestCopyReadsAURLFromAFile(t *testing.T) {
	t.Parallel()
	environ := []string{"POSTERN_COPY_TO_FILE=" + fileWith(t, "url", pgtest.Empty(t))}
	code, _, stderr := postern(t, environ, "copy", "--from="+storeWith(t, awkwardRows...))
	require.Zero(t, code, stderr)
}

// TestCopyLocksItsTarget checks that a second copy to the same database waits for the first one, and can be interrupted.
func TestCopyLocksItsTarget(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"empty": pgtest.Empty(t), "migrated": migrated(t, "")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, err := postgres.CreateReplica(t.Context(), url)
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			second := make(chan error, 1)
			go func() {
				_, err := postgres.CreateReplica(ctx, url)
				second <- err
			}()
			awaitLockWaiter(t, url)
			cancel()
			require.ErrorIs(t, <-second, context.Canceled)
			require.NoError(t, first.Close())
		})
	}
}

// awaitLockWaiter returns when a connection waits for a lock in the database.
func awaitLockWaiter(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	require.Eventually(t, func() (waiting bool) {
		err := conn.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waiting)
		return err == nil && waiting
	}, 9*time.Second, 10*time.Millisecond) // less than lock_timeout
}
