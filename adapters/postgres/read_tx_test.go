package postgres

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// Long reads take no connection from requests, and requests take none from long reads.
func TestReadTxHasReservedConnections(t *testing.T) {
	t.Parallel()
	s := openStore(t, pgtest.Migrated(t, Migrate), Options{MaxConns: 1, MaxReadTxs: 2, AcquireTimeout: short})
	user, err := insertUser(t.Context(), s, "ada@example.org")
	require.NoError(t, err)
	find := func(tx domain.Repositories) error { _, err := tx.Users().ByID(t.Context(), user.ID); return err }
	require.NoError(t, s.ReadTx(t.Context(), func(first domain.Repositories) error {
		require.NoError(t, find(first))
		return s.ReadTx(t.Context(), func(second domain.Repositories) error {
			require.NoError(t, find(second))
			require.ErrorIs(t, s.ReadTx(t.Context(), find), domain.ErrStoreUnavailable, "there is no third connection")
			require.NoError(t, find(s))
			return s.InTx(t.Context(), func(domain.Repositories) error { return find(second) })
		})
	}))
	require.NoError(t, s.ReadTx(t.Context(), find))
}

// A client that reads slowly may pause for longer than other transactions may.
func TestReadTxMayPause(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	for _, pooler := range []bool{false, true} {
		s := openStore(t, url, Options{Pooler: pooler})
		setting := func(tx *tx, name string) (value string) {
			require.NoError(t, tx.query(t.Context(), func(ctx context.Context, db pgdb.DBTX) error {
				return db.QueryRow(ctx, "SELECT current_setting($1)", name).Scan(&value)
			}))
			return value
		}
		require.NoError(t, s.ReadTx(t.Context(), func(r domain.Repositories) error {
			require.Equal(t, "10min", setting(r.(*tx), "idle_in_transaction_session_timeout"))
			require.Equal(t, "5s", setting(r.(*tx), "statement_timeout"))
			require.Equal(t, "on", setting(r.(*tx), "transaction_read_only"))
			require.Equal(t, "repeatable read", setting(r.(*tx), "transaction_isolation"))
			return nil
		}))
		require.NoError(t, s.ReadTx(t.Context(), func(r domain.Repositories) error { return nil }))
		require.NoError(t, s.InTx(t.Context(), func(r domain.Repositories) error {
			require.Equal(t, "5s", setting(r.(*tx), "idle_in_transaction_session_timeout"))
			return nil
		}))
	}
}

// A lost connection ends a long read, and the next one uses another connection.
func TestReadTxLosesItsConnection(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{})
	calls := 0
	require.ErrorIs(t, s.ReadTx(t.Context(), func(r domain.Repositories) error {
		calls++
		execIn(t, url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()")
		_, err := r.Users().ByID(t.Context(), 1)
		return err
	}), domain.ErrStoreUnavailable)
	require.Equal(t, 1, calls, "a part of the answer may have been sent")
	require.ErrorIs(t, s.ReadTx(t.Context(), func(r domain.Repositories) error {
		_, err := r.Users().ByID(t.Context(), 1)
		return err
	}), domain.ErrUserNotFound)
}

func TestVotesOfAUserAreReadInTheOrderOfAnIndex(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	fill(t, url, "20000", "i")
	s := openStore(t, url, Options{Pooler: true})
	p := planned{read: func(ctx context.Context, db pgdb.DBTX) error {
		_, err := pgdb.New(db).VotedPosts(ctx, pgdb.VotedPostsParams{Voter: 1, AfterID: 10, PageSize: 500})
		return err
	}}
	execIn(t, url, "VACUUM ANALYZE")
	for _, generic := range []bool{false, true} {
		plan := explain(t, s, p, generic)
		message := fmt.Sprintf("generic: %t\n%s", generic, plan)
		used := map[string]bool{}
		for _, n := range plan.all() {
			used[n.Index] = true
			require.NotContains(t, n.Type, "Sort", message)
			require.False(t, n.Type == "Seq Scan" && n.Relation != "users", message)
		}
		require.True(t, used["votes_user_id_idx"], message)
	}
}
