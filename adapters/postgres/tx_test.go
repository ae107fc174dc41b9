package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// insertPost inserts a post and its owner.
func insertPost(t testing.TB, s *Store) domain.Post {
	t.Helper()
	owner, err := insertUser(t.Context(), s, "author@example.org")
	require.NoError(t, err)
	post, err := s.Posts().Insert(t.Context(), domain.NewPost{
		OwnerID: owner.ID, Title: "t", Content: "c", Published: true, CreatedAt: moment, PublishedAt: &moment,
	})
	require.NoError(t, err)
	return post
}

// edit appends a letter to the current content of a post.
func edit(ctx context.Context, r domain.Repositories, id domain.PostID, letter string) error {
	post, err := r.Posts().Visible(ctx, domain.Viewer{}, id)
	if err != nil {
		return err
	}
	post.Content += letter
	_, err = r.Posts().Update(ctx, post)
	return err
}

// Only the time limit ends the retries, not their number.
func TestTransactionRunsAgainAfterALostRace(t *testing.T) {
	t.Parallel()
	const losses = 30
	s := newStore(t, Options{StatementTimeout: time.Minute})
	post, runs := insertPost(t, s), 0
	require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		runs++
		if _, err := tx.Posts().Visible(t.Context(), domain.Viewer{UserID: post.OwnerID}, post.ID); err != nil { // takes the snapshot
			return err
		}
		if runs <= losses {
			require.NoError(t, edit(t.Context(), s, post.ID, "r"))
		}
		if err := edit(t.Context(), tx, post.ID, "w"); err != nil {
			return errors.New("any error after a lost race")
		}
		return nil
	}))
	require.Equal(t, losses+1, runs)
	found, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: post.OwnerID}, post.ID)
	require.NoError(t, err)
	require.Equal(t, "c"+strings.Repeat("r", losses)+"w", found.Content)
}

func TestTransactionThatAlwaysLosesFails(t *testing.T) {
	t.Parallel()
	s := newStore(t, Options{StatementTimeout: 500 * time.Millisecond})
	post := insertPost(t, s)
	err := s.InTx(t.Context(), func(tx domain.Repositories) error {
		_, err := insertUser(t.Context(), tx, "ada@example.org")
		require.NoError(t, err)
		require.NoError(t, edit(context.Background(), s, post.ID, "r"))
		return edit(t.Context(), tx, post.ID, "w")
	})
	require.ErrorIs(t, err, domain.ErrStoreUnavailable)
	require.Equal(t, serializationFailure, sqlState(err))
	_, err = s.Users().Credential(t.Context(), "ada@example.org")
	require.ErrorIs(t, err, domain.ErrUserNotFound)
}

func TestTransactionDoesNotRunAgainAfterItsContextEnded(t *testing.T) {
	t.Parallel()
	s := newStore(t, Options{})
	post, runs := insertPost(t, s), 0
	ctx, cancel := context.WithCancel(t.Context())
	err := s.InTx(ctx, func(tx domain.Repositories) error {
		runs++
		_, err := tx.Posts().Visible(ctx, domain.Viewer{UserID: post.OwnerID}, post.ID)
		require.NoError(t, err)
		require.NoError(t, edit(t.Context(), s, post.ID, "r"))
		err = edit(ctx, tx, post.ID, "w")
		cancel()
		return err
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, runs)
}

func TestTransactionRunsAgainAfterADeadlock(t *testing.T) {
	t.Parallel()
	s := newStore(t, Options{LockTimeout: time.Minute, StatementTimeout: time.Minute})
	one := insertPost(t, s)
	other, err := s.Posts().Insert(t.Context(), domain.NewPost{OwnerID: one.OwnerID, Title: "t", Content: "c", Published: true, CreatedAt: moment, PublishedAt: new(moment)})
	require.NoError(t, err)
	both, results := make(chan struct{}, 2), make(chan error, 2)
	met := make(chan struct{})
	go func() {
		<-both
		<-both
		close(met)
	}()
	for _, order := range [][]domain.PostID{{one.ID, other.ID}, {other.ID, one.ID}} {
		go func() {
			first := true
			results <- s.InTx(t.Context(), func(tx domain.Repositories) error {
				if err := edit(t.Context(), tx, order[0], "x"); err != nil {
					return err
				}
				if first {
					first = false
					both <- struct{}{}
					<-met
				}
				return edit(t.Context(), tx, order[1], "x")
			})
		}()
	}
	require.NoError(t, <-results)
	require.NoError(t, <-results)
	for _, id := range []domain.PostID{one.ID, other.ID} {
		post, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: one.OwnerID}, id)
		require.NoError(t, err)
		require.Equal(t, "cxx", post.Content)
	}
}

// After a conflict, such as a taken address, the transaction continues, as in the other stores.
func TestConflictDoesNotAbortTheTransaction(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{"direct": {}, "pooler": {Pooler: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t, o)
			post, runs := insertPost(t, s), 0
			require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
				runs++
				_, err := insertUser(t.Context(), tx, "ada@example.org")
				require.NoError(t, err)
				_, err = insertUser(t.Context(), tx, "ADA@example.org")
				require.Equal(t, error(domain.ErrEmailTaken), err)
				_, err = tx.Posts().Insert(t.Context(), domain.NewPost{OwnerID: 999, Title: "t", Content: "c", CreatedAt: moment})
				require.Equal(t, error(domain.ErrUserNotFound), err)
				require.Equal(t, error(domain.ErrPostNotFound), tx.Posts().Delete(t.Context(), 999, post.OwnerID, 1))
				_, err = insertUser(t.Context(), tx, "bob@example.org")
				return err
			}))
			require.Equal(t, 1, runs)
			for _, email := range []domain.Email{"ada@example.org", "bob@example.org"} {
				_, err := s.Users().Credential(t.Context(), email)
				require.NoError(t, err)
			}
		})
	}
}

// A transaction fails after a failed statement even if fn ignores the error.
func TestIgnoredFailureFailsTheTransaction(t *testing.T) {
	t.Parallel()
	s := newStore(t, Options{})
	post, runs := insertPost(t, s), 0
	err := s.InTx(t.Context(), func(tx domain.Repositories) error {
		runs++
		_, err := insertUser(t.Context(), tx, "ada@example.org")
		require.NoError(t, err)
		post.PublishedAt = nil // a constraint requires it for a published post
		_, fault := tx.Posts().Update(t.Context(), post)
		require.Error(t, fault)
		_, next := insertUser(t.Context(), tx, "bob@example.org")
		require.Equal(t, fault, next)
		return nil
	})
	require.Equal(t, "23514", sqlState(err))
	require.NotErrorIs(t, err, domain.ErrStoreUnavailable)
	require.Equal(t, 1, runs)
	_, err = s.Users().Credential(t.Context(), "ada@example.org")
	require.ErrorIs(t, err, domain.ErrUserNotFound)
}

func connOf(r domain.Repositories) *pgx.Conn { return r.(*tx).conn }

func TestTimeoutsAreInForce(t *testing.T) {
	t.Parallel()
	o := Options{StatementTimeout: 1500 * time.Millisecond, LockTimeout: 700 * time.Millisecond, IdleInTransactionTimeout: 800 * time.Millisecond}
	want := []string{"1500ms", "700ms", "800ms", "repeatable read"}
	const query = `SELECT ARRAY[current_setting('statement_timeout'), current_setting('lock_timeout'),
		current_setting('idle_in_transaction_session_timeout'), current_setting('transaction_isolation')]`
	pooled := o
	pooled.Pooler = true
	through := pgtest.Bouncer(t, pgtest.Empty(t))
	for name, s := range map[string]*Store{
		"direct": newStore(t, o), "pooler": newStore(t, pooled), "PgBouncer": openStore(t, through(pgtest.Migrated(t, Migrate)), pooled),
	} {
		var got []string
		require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
			return connOf(tx).QueryRow(t.Context(), query).Scan(&got)
		}), name)
		require.Equal(t, want, got, name)
		require.NoError(t, s.readConn(t.Context(), func(ctx context.Context, conn *pgx.Conn) error {
			return conn.QueryRow(ctx, query).Scan(&got)
		}), name)
		want := append(want[:3:3], "read committed")
		if s.options.Pooler {
			want = []string{"0", "0", "0", "read committed"}
		}
		require.Equal(t, want, got, fmt.Sprint(name, ": a session is left as it was"))
	}
}
