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

// troubled is a target where something happens at one of its steps: a call, or each 100th row.
type troubled struct {
	tableWriter
	at, steps int
	trouble   func() error
}

func (t *troubled) step() error {
	if t.steps++; t.steps == t.at {
		return t.trouble()
	}
	return nil
}

func (t *troubled) Insert(ctx context.Context, table migrations.Table, rows iter.Seq2[[]any, error]) error {
	if err := t.step(); err != nil {
		return err
	}
	return t.tableWriter.Insert(ctx, table, t.stumble(rows))
}

func (t *troubled) stumble(rows iter.Seq2[[]any, error]) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		n := 0
		for row, err := range rows {
			if n++; err == nil && n%100 == 0 {
				err = t.step()
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

func (t *troubled) SetLastID(ctx context.Context, table string, id int64) error {
	if err := t.step(); err != nil {
		return err
	}
	return t.tableWriter.SetLastID(ctx, table, id)
}

func (t *troubled) Rows(ctx context.Context, table migrations.Table) iter.Seq2[[]any, error] {
	return t.stumble(t.tableWriter.Rows(ctx, table))
}

func (t *troubled) Commit(ctx context.Context) error {
	if err := t.step(); err != nil {
		return err
	}
	return t.tableWriter.Commit(ctx)
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

// aTarget is a place for one engine's copy, and what tells whether something is there.
type aTarget struct {
	open func(ctx context.Context) (tableWriter, error)
	left func(t *testing.T) []string
}

var targets = map[string]func(t *testing.T) aTarget{
	"file": func(t *testing.T) aTarget {
		dir := t.TempDir()
		return aTarget{
			func(ctx context.Context) (tableWriter, error) {
				return sqlite.CreateReplica(ctx, filepath.Join(dir, "made", "new.db"))
			},
			func(t *testing.T) []string { return names(t, dir) },
		}
	},
	"empty database": func(t *testing.T) aTarget {
		return databaseTarget(pgtest.Empty(t), `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`)
	},
	"migrated database": func(t *testing.T) aTarget { return databaseTarget(pgtest.Migrated(t, postgres.Migrate), rowsAndMarks) },
}

const rowsAndMarks = `SELECT id::text FROM users UNION ALL SELECT id FROM sessions UNION ALL SELECT sid FROM ended_sessions UNION ALL SELECT id FROM throttles UNION ALL SELECT id::text FROM posts
	UNION ALL SELECT id FROM store_epoch UNION ALL SELECT user_id::text FROM votes UNION ALL SELECT key FROM idempotency_keys
	UNION ALL SELECT last_value::text FROM users_id_seq WHERE is_called UNION ALL SELECT last_value::text FROM posts_id_seq WHERE is_called`

func databaseTarget(url, query string) aTarget {
	return aTarget{
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

// attempt copies the file into the target with trouble at a step, and returns how many steps there were.
func attempt(t *testing.T, from string, target aTarget, at int, trouble func(cancel func()) error) (steps int, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	source, err := sqlite.OpenSnapshot(ctx, from)
	require.NoError(t, err)
	replica, err := target.open(ctx)
	require.NoError(t, err)
	wrapped := &troubled{replica, at, 0, func() error { return trouble(cancel) }}
	err = copyStore(ctx, source, wrapped, newProgress(nil), new(strings.Builder))
	require.NoError(t, replica.Close())
	require.NoError(t, source.Close())
	return wrapped.steps, err
}

func TestCopyThatIsCutShortLeavesNothing(t *testing.T) {
	t.Parallel()
	injected := errors.New("injected")
	troubles := map[string]struct {
		do   func(cancel func()) error
		want error
	}{
		"by an error":  {func(func()) error { return injected }, injected},
		"by a signal ": {func(cancel func()) error { cancel(); return nil }, context.Canceled},
	}
	from := awkwardStore(t, fewPosts)
	for targetName, newTarget := range targets {
		for troubleName, trouble := range troubles {
			t.Run(targetName+" "+troubleName, func(t *testing.T) {
				t.Parallel()
				target := newTarget(t)
				before := target.left(t)
				for at := 1; at <= allSteps; at++ {
					_, err := attempt(t, from, target, at, trouble.do)
					require.ErrorIs(t, err, trouble.want, "step %d", at)
					require.Equal(t, before, target.left(t), "step %d", at)
				}
				steps, err := attempt(t, from, target, 0, nil)
				require.NoError(t, err, "and then it can be done")
				require.Equal(t, allSteps, steps)
				require.NotEqual(t, before, target.left(t))
			})
		}
	}
}

// falsifier changes one value on its way into the target.
type falsifier struct {
	tableWriter
	table  string
	change func(row []any) []any
}

func (f *falsifier) Insert(ctx context.Context, table migrations.Table, rows iter.Seq2[[]any, error]) error {
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

func (f *falsifier) SetLastID(ctx context.Context, table string, id int64) error {
	if f.table == "last id of "+table {
		id++
	}
	return f.tableWriter.SetLastID(ctx, table, id)
}

func TestCopyFindsWhatIsNotTheSame(t *testing.T) {
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
	falsehoods := map[string]falsifier{
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
			before := target.left(t)
			for name, f := range falsehoods {
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
				require.Equal(t, before, target.left(t), name)
			}
		})
	}
}
