package postgres

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// connectBeside opens a connection apart from the store, which is closed when the test ends.
func connectBeside(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

const waitingForLocks = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

// Reads continue while twice as many writes as there are connections wait for one row.
func TestWaitingWritesLeaveConnectionsForReads(t *testing.T) {
	t.Parallel()
	for kind, write := range map[string]func(ctx context.Context, s *Store, id domain.PostID) error{
		"writes": func(ctx context.Context, s *Store, id domain.PostID) error { return edit(ctx, s, id, "w") },
		"transactions": func(ctx context.Context, s *Store, id domain.PostID) error {
			return s.InTx(ctx, func(tx domain.Repositories) error { return edit(ctx, tx, id, "w") })
		},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Migrated(t, Migrate)
			s := openStore(t, url, Options{MaxConns: 4, AcquireTimeout: hour, LockTimeout: hour, StatementTimeout: hour})
			post := insertPost(t, s)
			holder, watcher := connectBeside(t, url), connectBeside(t, url)
			_, err := holder.Exec(t.Context(), "BEGIN")
			require.NoError(t, err)
			_, err = holder.Exec(t.Context(), "SELECT id FROM posts WHERE id = $1 FOR UPDATE", post.ID)
			require.NoError(t, err)
			waiting := func() (n int) {
				require.NoError(t, watcher.QueryRow(t.Context(), waitingForLocks).Scan(&n))
				return n
			}

			const writes = 2 * 4
			results := make(chan error, writes)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for range writes {
				go func() { results <- write(ctx, s, post.ID) }()
			}
			for waiting() < 4-reservedConns {
				require.Empty(t, results, "it does not wait")
				require.NoError(t, ctx.Err())
			}
			requireReadsGoOn(t, s, post.ID)
			require.Equal(t, 4-reservedConns, waiting(), "the others have no connection")
			hurried, cancel := context.WithTimeout(ctx, short)
			defer cancel()
			require.ErrorIs(t, write(hurried, s, post.ID), context.DeadlineExceeded, "no longer than its caller waits")

			_, err = holder.Exec(t.Context(), "COMMIT")
			require.NoError(t, err)
			done := "c"
			for range writes {
				if err := <-results; err == nil {
					done += "w"
				} else {
					require.ErrorIs(t, err, domain.ErrPostNotFound, "it was edited meanwhile")
				}
			}
			found, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: post.OwnerID}, post.ID)
			require.NoError(t, err)
			require.Equal(t, done, found.Content)
			require.Greater(t, len(done), 1)
			require.Empty(t, s.writeSlots, "every place is free again")
		})
	}
}

// requireReadsGoOn requires 50 reads to succeed within a second.
func requireReadsGoOn(t *testing.T, s *Store, id domain.PostID) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	for range 50 {
		_, err := s.Posts().Visible(ctx, domain.Viewer{}, id)
		require.NoError(t, errors.Join(err, s.Ping(ctx)))
	}
}

func TestOneWriteMayAlwaysRun(t *testing.T) {
	t.Parallel()
	for conns, want := range map[int]int{1: 1, 2: 1, 3: 1, 4: 2, 16: 14} {
		require.Equal(t, want, cap(Options{MaxConns: conns}.newWriteSlots()), "of %d", conns)
	}
}
