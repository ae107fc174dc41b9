package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// begin opens a transaction on a new connection, which is closed when the test ends.
func begin(t *testing.T, url string) pgx.Tx {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.Background())) })
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	return tx
}

// awaitWaiting returns when a session waits for a lock.
func awaitWaiting(t *testing.T, url string) {
	t.Helper()
	require.Eventually(t, func() bool {
		return ask[int](t, url, "SELECT count(*)::int FROM pg_stat_activity "+
			"WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0
	}, patience, time.Millisecond)
}

// votedFor returns a post that is locked until release is called, and a user who may vote for it.
func votedFor(t *testing.T, url string) (s *Store, post domain.Post, voter domain.UserID, release func()) {
	t.Helper()
	s = openStore(t, url, Options{LockTimeout: time.Minute, StatementTimeout: time.Minute})
	post = insertPost(t, s)
	user, err := insertUser(t.Context(), s, "voter@example.org")
	require.NoError(t, err)
	holder := begin(t, url)
	_, err = holder.Exec(t.Context(), "SELECT FROM posts FOR NO KEY UPDATE")
	require.NoError(t, err)
	return s, post, user.ID, func() { require.NoError(t, holder.Rollback(t.Context())) }
}

// The voter is deleted while the vote waits for the post, and purged before the vote is committed.
func TestRunningVoteDelaysTheDeletionOfItsVoter(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{LockTimeout: time.Minute, StatementTimeout: time.Minute})
	post := insertPost(t, s)
	voter, err := insertUser(t.Context(), s, "voter@example.org")
	require.NoError(t, err)
	vote, deleted := begin(t, url), make(chan error, 1)
	n, err := pgdb.New(vote).AddVote(t.Context(), pgdb.AddVoteParams{PostID: post.ID, UserID: voter.ID})
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	go func() { deleted <- s.Users().Delete(t.Context(), voter.ID, moment) }()
	awaitWaiting(t, url)
	require.NoError(t, vote.Commit(t.Context()))
	require.NoError(t, <-deleted)
	require.Equal(t, 1, ask[int](t, url, "SELECT votes::int FROM posts"))
	for range 2 { // the vote, and then its voter
		n, err := s.Users().Purge(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
	require.Zero(t, ask[int](t, url, "SELECT votes::int FROM posts"))
	require.Equal(t, 1, ask[int](t, url, "SELECT count(*)::int FROM users"))
}

func TestVoterDeletedConcurrentlyHasNoVote(t *testing.T) {
	t.Parallel()
	for name, purged := range map[string]bool{"deleted": false, "deleted and purged": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Migrated(t, Migrate)
			s, post, voter, release := votedFor(t, url)
			added := make(chan error, 1)
			go func() { added <- s.Votes().Add(t.Context(), post.ID, voter) }()
			awaitWaiting(t, url)
			require.NoError(t, s.Users().Delete(t.Context(), voter, moment))
			if purged {
				n, err := s.Users().Purge(t.Context(), 10)
				require.NoError(t, err)
				require.Equal(t, 1, n)
			}
			release()
			require.ErrorIs(t, <-added, domain.ErrPostNotFound)
			require.Zero(t, ask[int](t, url, "SELECT votes::int FROM posts"))
		})
	}
}

// An insert of a post waits for the deletion of its owner, and then fails.
func TestOwnerDeletedConcurrentlyHasNoPost(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{LockTimeout: time.Minute, StatementTimeout: time.Minute})
	owner, err := insertUser(t.Context(), s, "author@example.org")
	require.NoError(t, err)
	deletion, inserted := begin(t, url), make(chan error, 1)
	_, err = pgdb.New(deletion).DeleteUser(t.Context(), pgdb.DeleteUserParams{ID: owner.ID, DeletedAt: &moment})
	require.NoError(t, err)
	_, err = pgdb.New(deletion).PurgeUsers(t.Context(), 10)
	require.NoError(t, err)
	go func() {
		_, err := s.Posts().Insert(t.Context(), domain.NewPost{OwnerID: owner.ID, Title: "t", Content: "c", CreatedAt: moment})
		inserted <- err
	}()
	awaitWaiting(t, url)
	require.NoError(t, deletion.Commit(t.Context()))
	require.ErrorIs(t, <-inserted, domain.ErrUserNotFound)
	require.Zero(t, ask[int](t, url, "SELECT count(*)::int FROM posts"))
}

// Before it reports that an address is taken, the store locks the account that has the address.
func TestTakenAddressIsReportedByAWrite(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{LockTimeout: time.Minute, StatementTimeout: time.Minute})
	_, err := insertUser(t.Context(), s, "ada@example.org")
	require.NoError(t, err)
	holder, answered := begin(t, url), make(chan error, 1)
	_, err = holder.Exec(t.Context(), "SELECT FROM users FOR UPDATE")
	require.NoError(t, err)
	go func() {
		_, err := insertUser(t.Context(), s, "ada@example.org")
		answered <- err
	}()
	awaitWaiting(t, url)
	require.NoError(t, holder.Rollback(t.Context()))
	require.ErrorIs(t, <-answered, domain.ErrEmailTaken)
}
