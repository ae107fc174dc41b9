package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/adapters/sqlite"
	"example.com/postern/sql/migrations"
)

var tallyLine = regexp.MustCompile(`(?m)^(\w+) +(\d+) rows  sha256:([0-9a-f]{64})  same$`)

// copyTo runs the command, requires that it succeeds, and returns the lines that it prints for tables.
func copyTo(t *testing.T, from, to string) [][]string {
	t.Helper()
	var stdout, stderr strings.Builder
	require.Zero(t, start(t.Context(), []string{"copy", "--from=" + from, "--to=" + to}, nil, nil, &stdout, &stderr), stderr.String())
	require.Empty(t, stderr.String(), "without a terminal there is no progress bar")
	require.Contains(t, stdout.String(), fmt.Sprintf("Copied 20025 rows of %d tables.", len(migrations.Tables)))
	require.Contains(t, stdout.String(), "The new store does not contain writes to the old store that were made after the copy began.")
	require.Contains(t, stdout.String(), "Copy keys.json")
	lines := tallyLine.FindAllStringSubmatch(stdout.String(), -1)
	require.Len(t, lines, len(migrations.Tables))
	return lines
}

func TestCopyThereAndBack(t *testing.T) {
	t.Parallel()
	first, server, second := awkwardStore(t, manyPosts), pgtest.Empty(t), filepath.Join(t.TempDir(), "made", "here", "back.db")
	want := dump(t, first)
	require.Len(t, want, 1+2+5+6+manyPosts-1+2+2+3+3+4)

	lines := copyTo(t, filepath.Dir(first), server)
	require.Equal(t, lines, copyTo(t, server, second))
	require.Equal(t, want, dump(t, second))
	require.Equal(t, []string{"back.db"}, names(t, filepath.Dir(second)))
	info, err := os.Stat(second)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())

	moved, err := postgres.Open(t.Context(), server, postgres.Options{})
	require.NoError(t, err)
	require.EqualValues(t, manyPosts+101, nextPost(t, moved))
	require.NoError(t, moved.Close())
	back, err := sqlite.Open(t.Context(), second, sqlite.Options{})
	require.NoError(t, err)
	require.EqualValues(t, manyPosts+101, nextPost(t, back))
	require.NoError(t, back.Close())
}

// TestCopyOfEmptyTables copies tables that never had rows, and tables whose rows were deleted. Ids of deleted rows are not
// used again.
func TestCopyOfEmptyTables(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statements []string
		next       int64
	}{
		"used": {append(awkward(fewPosts), "DELETE FROM votes", "DELETE FROM posts"), fewPosts + 101},
		"new":  {awkwardRows, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to, back := storeWith(t, c.statements...), pgtest.Migrated(t, postgres.Migrate), filepath.Join(t.TempDir(), "back.db")
			code, _, stderr := postern(t, []string{"POSTERN_COPY_FROM=" + from, "POSTERN_COPY_TO=" + to}, "copy")
			require.Zero(t, code, stderr)
			code, _, stderr = postern(t, []string{"POSTERN_COPY_FROM=" + to}, "copy", "--to="+back)
			require.Zero(t, code, stderr)
			require.Equal(t, dump(t, from), dump(t, back))
			s, err := postgres.Open(t.Context(), to, postgres.Options{})
			require.NoError(t, err)
			require.EqualValues(t, c.next, nextPost(t, s))
			require.NoError(t, s.Close())
		})
	}
}

// TestCopyBetweenSchemasOfOneDatabase checks the order in which the stores are opened. The migrations of the target create
// indexes CONCURRENTLY, which waits for every open transaction in the database.
func TestCopyBetweenSchemasOfOneDatabase(t *testing.T) {
	t.Parallel()
	from := migrated(t, "CREATE SCHEMA other; "+oneUser)
	code, stdout, stderr := postern(t, nil, "copy", "--from="+from, "--to="+from+"&search_path=other")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "Copied 2 rows")
}

// TestCopyLeavesTheSourceAlone copies a store whose service was killed. The copy contains the rows in the WAL, and the WAL
// stays.
func TestCopyLeavesTheSourceAlone(t *testing.T) {
	t.Parallel()
	serving, dir := awkwardStore(t, fewPosts), t.TempDir()
	s, err := sqlite.Open(t.Context(), serving, sqlite.Options{})
	require.NoError(t, err)
	nextPost(t, s)
	from, to := filepath.Join(dir, "postern.db"), filepath.Join(dir, "new.db")
	before := map[string][]byte{}
	for _, suffix := range []string{"", "-wal"} {
		before[suffix], err = os.ReadFile(serving + suffix)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(from+suffix, before[suffix], 0o600))
	}
	require.NoError(t, s.Close())

	code, stdout, stderr := postern(t, nil, "copy", "--from="+from, "--to="+to)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, fmt.Sprintf("Copied %d rows", fewPosts+26))
	require.Equal(t, dump(t, serving), dump(t, to))
	for suffix, content := range before {
		after, err := os.ReadFile(from + suffix)
		require.NoError(t, err)
		require.Equal(t, content, after)
	}
}
