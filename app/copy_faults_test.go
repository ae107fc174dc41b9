package main

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/adapters/sqlite"
	"example.com/postern/sql/migrations"
)

// faultyTarget is a target that fails at one step. Each call is a step, and each 100th row.
type faultyTarget struct {
	tableWriter
	failAt, steps int
	fail          func() error
}

func (f *faultyTarget) step() error {
	if f.steps++; f.steps == f.failAt {
		return f.fail()
	}
	return nil
}

func (f *faultyTarget) Insert(ctx context.Context, table migrations.Table, rows iter.Seq2[[]any, error]) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.tableWriter.Insert(ctx, table, f.countSteps(rows))
}

func (f *faultyTarget) countSteps(rows iter.Seq2[[]any, error]) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		n := 0
		for row, err := range rows {
			if n++; err == nil && n%100 == 0 {
				err = f.step()
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

func (f *faultyTarget) SetLastID(ctx context.Context, table string, id int64) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.tableWriter.SetLastID(ctx, table, id)
}

func (f *faultyTarget) Rows(ctx context.Context, table migrations.Table) iter.Seq2[[]any, error] {
	return f.countSteps(f.tableWriter.Rows(ctx, table))
}

func (f *faultyTarget) Commit(ctx context.Context) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.tableWriter.Commit(ctx)
}

// allSteps is the number of steps in a copy of the awkward store: a call for each table, one for each last id, each 100th of 399
// posts twice, and the commit.
var allSteps = len(migrations.Tables) + tablesWithIDs() + 2*3 + 1

func tablesWithIDs() (n int) {
	for _, table := range migrations.Tables {
		if table.MakesIDs {
			n++
		}
	}
	return n
}

// copyTarget is an empty place for a copy.
type copyTarget struct {
	open    func(ctx context.Context) (tableWriter, error)
	content func(t *testing.T) []string // what the place contains: files, tables or rows
}

var targets = map[string]func(t *testing.T) copyTarget{
	"file": func(t *testing.T) copyTarget {
		dir := t.TempDir()
		return copyTarget{
			func(ctx context.Context) (tableWriter, error) {
				return sqlite.CreateReplica(ctx, filepath.Join(dir, "made", "new.db"))
			},
			func(t *testing.T) []string { return names(t, dir) },
		}
	},
	"empty database": func(t *testing.T) copyTarget {
		return databaseTarget(pgtest.Empty(t), `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`)
	},
	"migrated database": func(t *testing.T) copyTarget {
		return databaseTarget(pgtest.Migrated(t, postgres.Migrate), rowsAndSequences)
	},
}

const rowsAndSequences = `SELECT id::text FROM users UNION ALL SELECT id FROM sessions UNION ALL SELECT sid FROM ended_sessions UNION ALL SELECT id FROM throttles UNION ALL SELECT id FROM email_tokens UNION ALL SELECT id::text FROM posts
	UNION ALL SELECT id FROM store_epoch UNION ALL SELECT user_id::text FROM votes UNION ALL SELECT key FROM idempotency_keys UNION ALL SELECT id FROM outbox
	UNION ALL SELECT last_value::text FROM users_id_seq WHERE is_called UNION ALL SELECT last_value::text FROM posts_id_seq WHERE is_called`

func databaseTarget(url, query string) copyTarget {
	return copyTarget{
		func(ctx context.Context) (tableWriter, error) { return postgres.CreateReplica(ctx, url) },
		func(t *testing.T) []string {
			conn, err := pgx.Connect(t.Context(), url)
			require.NoError(t, err)
			defer func() { require.NoError(t, conn.Close(t.Context())) }()
			rows, err := conn.Query(t.Context(), query)
			require.NoError(t, err)
			found, err := pgx.CollectRows(rows, pgx.RowTo[string])
			require.NoError(t, err)
			return found
		},
	}
}

// attempt copies the file into the target and fails at a step. It returns the number of steps.
func attempt(t *testing.T, from string, target copyTarget, failAt int, fail func(cancel func()) error) (steps int, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	source, err := sqlite.OpenSnapshot(ctx, from)
	require.NoError(t, err)
	replica, err := target.open(ctx)
	require.NoError(t, err)
	wrapped := &faultyTarget{replica, failAt, 0, func() error { return fail(cancel) }}
	err = copyStore(ctx, source, wrapped, newProgress(nil), new(strings.Builder))
	require.NoError(t, replica.Close())
	require.NoError(t, source.Close())
	return wrapped.steps, err
}

// failingSteps returns every step for a migrated database. For other targets it returns only the steps at both ends and in
// the middle: a copy to them first runs all migrations, which takes much longer than the copy, and their removal does not
// depend on the rows.
func failingSteps(targetName string) (steps []int) {
	if targetName != "migrated database" {
		return []int{1, 2, allSteps / 2, allSteps - 1, allSteps}
	}
	for step := range allSteps {
		steps = append(steps, step+1)
	}
	return steps
}

func TestCopyThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	faults := map[string]struct {
		fail func(cancel func()) error
		says string // a regular expression
	}{
		"error":  {func(func()) error { return errors.New("injected") }, "injected"},
		"signal": {func(cancel func()) error { cancel(); return nil }, "^interrupted: nothing was kept$|^keep the copy: "},
	}
	from := awkwardStore(t, fewPosts)
	for targetName, newTarget := range targets {
		for faultName, fault := range faults {
			t.Run(targetName+" "+faultName, func(t *testing.T) {
				t.Parallel()
				target := newTarget(t)
				before := target.content(t)
				for _, step := range failingSteps(targetName) {
					_, err := attempt(t, from, target, step, fault.fail)
					require.Error(t, err, "step %d", step)
					require.Regexp(t, fault.says, err.Error(), "step %d", step)
					require.Equal(t, before, target.content(t), "step %d", step)
				}
				steps, err := attempt(t, from, target, 0, nil)
				require.NoError(t, err, "a later copy succeeds")
				require.Equal(t, allSteps, steps)
				require.NotEqual(t, before, target.content(t))
			})
		}
	}
}

// alteringTarget changes one value or row before it inserts it.
type alteringTarget struct {
	tableWriter
	table  string
	change func(row []any) []any
}

func (f *alteringTarget) Insert(ctx context.Context, table migrations.Table, rows iter.Seq2[[]any, error]) error {
	return f.tableWriter.Insert(ctx, table, func(yield func([]any, error) bool) {
		for row, err := range rows {
			if err == nil && table.Name == f.table {
				row = f.change(slices.Clone(row))
			}
			if row != nil && !yield(row, err) {
				return
			}
		}
	})
}

func (f *alteringTarget) SetLastID(ctx context.Context, table string, id int64) error {
	if f.table == "last id of "+table {
		id++
	}
	return f.tableWriter.SetLastID(ctx, table, id)
}

func TestCopyFindsEveryDifference(t *testing.T) {
	t.Parallel()
	from := awkwardStore(t, fewPosts)
	first := func(change func(row []any)) func([]any) []any {
		return func(row []any) []any {
			if row[0] == int64(1) || row[0] == "a" {
				change(row)
			}
			return row
		}
	}
	changes := map[string]alteringTarget{
		"a letter":       {table: "users", change: first(func(row []any) { row[1] = "ada@Example.com" })},
		"NULL and empty": {table: "users", change: first(func(row []any) { row[3] = "" })},
		"a flag":         {table: "posts", change: first(func(row []any) { row[4] = false })},
		"another moment": {table: "posts", change: first(func(row []any) { row[7] = row[6] })},
		"neighbours":     {table: "sessions", change: first(func(row []any) { row[3], row[4] = row[4], row[3] })},
		"a lost row": {table: "posts", change: func(row []any) []any {
			if row[0] == int64(200) {
				return nil
			}
			return row
		}},
		"a last id": {table: "last id of posts"},
	}
	for name, newTarget := range targets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := newTarget(t)
			before := target.content(t)
			for name, f := range changes {
				source, err := sqlite.OpenSnapshot(t.Context(), from)
				require.NoError(t, err)
				f.tableWriter, err = target.open(t.Context())
				require.NoError(t, err)
				var stdout strings.Builder
				require.ErrorIs(t, copyStore(t.Context(), source, &f, newProgress(nil), &stdout), errCopyDiffers, name)
				require.Contains(t, stdout.String(), "DIFFERENT", name)
				require.Equal(t, len(migrations.Tables)-1, strings.Count(stdout.String(), "  same\n"), name)
				require.NoError(t, f.Close())
				require.NoError(t, source.Close())
				require.Equal(t, before, target.content(t), name)
			}
		})
	}
}
