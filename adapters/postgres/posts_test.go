package postgres

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// atOnce runs fn n times concurrently, alternately on two stores, and returns the errors.
func atOnce(t *testing.T, url string, n int, fn func(s *Store, i int) error) (results []error) {
	t.Helper()
	patient := Options{AcquireTimeout: time.Minute}
	stores := []*Store{openStore(t, url, patient), openStore(t, url, patient)}
	begin, ended := make(chan struct{}), make(chan error, n)
	for i := range n {
		go func() {
			<-begin
			ended <- fn(stores[i%2], i)
		}()
	}
	close(begin)
	for range n {
		results = append(results, <-ended)
	}
	return results
}

// Each writer reads the post and then writes it, like a PUT without If-Match. All succeed.
func TestConcurrentEditsOfOnePostDoNotFail(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{})
	post := insertPost(t, s)
	for _, err := range atOnce(t, url, 32, func(s *Store, _ int) error {
		return s.InTx(t.Context(), func(tx domain.Repositories) error { return edit(t.Context(), tx, post.ID, "w") })
	}) {
		require.NoError(t, err)
	}
	found, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: post.OwnerID}, post.ID)
	require.NoError(t, err)
	require.EqualValues(t, 33, found.Version)
	require.Len(t, found.Content, 33)
}

func TestConcurrentVotesForOnePostDoNotFail(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{})
	post := insertPost(t, s)
	execIn(t, url, "INSERT INTO users (email, email_key, password_hash, created_at) SELECT i, i, 'h', now() FROM generate_series(1, 200) AS i")
	first := ask[int](t, url, "SELECT min(id)::int FROM users WHERE password_hash = 'h'")
	for _, err := range atOnce(t, url, 200, func(s *Store, i int) error {
		voter := domain.UserID(first + i)
		err := s.Votes().Add(t.Context(), post.ID, voter)
		if i%4 == 0 {
			err = errors.Join(err, s.Votes().Remove(t.Context(), post.ID, voter))
		}
		return err
	}) {
		require.NoError(t, err)
	}
	found, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: post.OwnerID}, post.ID)
	require.NoError(t, err)
	require.EqualValues(t, 150, found.Votes)
	require.Equal(t, 150, ask[int](t, url, "SELECT count(*)::int FROM votes"))
}

func keyOf(user domain.UserID) domain.IdempotencyRecord {
	return domain.IdempotencyRecord{UserID: user, Key: "key", PostID: 1, CreatedAt: moment, ExpiresAt: moment.Add(time.Hour)}
}

func TestOneKeyOnTwoInstancesIsStoredOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{})
	user := insertPost(t, s).OwnerID
	kept := 0
	for _, err := range atOnce(t, url, 100, func(s *Store, i int) error {
		return s.InTx(t.Context(), func(tx domain.Repositories) error {
			post := domain.NewPost{OwnerID: user, Title: "t", Content: fmt.Sprint(i), CreatedAt: moment}
			if _, err := tx.Posts().Insert(t.Context(), post); err != nil {
				return err
			}
			return tx.Idempotency().Insert(t.Context(), keyOf(user), moment, domain.IdempotencyWait)
		})
	}) {
		if err == nil {
			kept++
		} else {
			require.ErrorIs(t, err, domain.ErrIdempotencyKeyTaken)
		}
	}
	require.Equal(t, 1, kept)
	require.Equal(t, 2, ask[int](t, url, "SELECT count(*)::int FROM posts"))
}

// An insert waits for a transaction with the same key. The lock timeout and the time that the service allows limit the wait.
// Each case sets the other limit to an hour.
func TestWaitForAKeyInUseIsBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		timeout, wait time.Duration
		atLeast       time.Duration
	}{
		"the store's limit":           {short, hour, short},
		"the service's limit":         {hour, short, short},
		"no time of the service left": {hour, -short, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Migrated(t, Migrate)
			s := openStore(t, url, Options{LockTimeout: c.timeout, StatementTimeout: hour, IdleInTransactionTimeout: hour})
			user := insertPost(t, s).OwnerID
			held, release, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
			go func() {
				ended <- s.InTx(t.Context(), func(tx domain.Repositories) error {
					err := tx.Idempotency().Insert(t.Context(), keyOf(user), moment, domain.IdempotencyWait)
					close(held)
					<-release
					return err
				})
			}()
			<-held
			begun := time.Now()
			require.ErrorIs(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
				require.ErrorIs(t, tx.Idempotency().Insert(t.Context(), keyOf(user), moment, c.wait), domain.ErrIdempotencyInProgress)
				_, err := tx.Users().ByID(t.Context(), user)
				require.ErrorIs(t, err, domain.ErrStoreUnavailable, "the transaction was rolled back")
				return nil
			}), domain.ErrStoreUnavailable)
			require.GreaterOrEqual(t, time.Since(begun), c.atLeast)
			close(release)
			require.NoError(t, <-ended)
		})
	}
}

// Posts that an older program wrote or edited are found after indexing, even if several instances index.
func TestPostsOfAnOlderProgramAreIndexed(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{})
	post := insertPost(t, s)
	execIn(t, url, "INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at) "+
		"SELECT owner_id, 'Wörd ' || i, 'c', true, 1, now(), now(), now() FROM posts, generate_series(1, 50) AS i")
	execIn(t, url, fmt.Sprintf("UPDATE posts SET content = 'wörd', published = true, published_at = now(), version = 2 WHERE id = %d", post.ID))
	require.Empty(t, found(t, s, "word"))
	for _, err := range atOnce(t, url, 4, func(s *Store, _ int) error { return indexAll(t.Context(), s) }) {
		require.NoError(t, err)
	}
	indexed, err := s.Posts().Index(t.Context(), 10)
	require.NoError(t, err)
	require.Zero(t, indexed)
	require.Len(t, found(t, s, "word"), 51)
	require.Len(t, found(t, s, `"word 7"`), 1)
}

// A post that cannot be indexed does not block the posts after it, even if a batch is one post.
func TestIndexSkipsAPostThatFails(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{})
	post := insertPost(t, s)
	execIn(t, url, "INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at) "+
		"SELECT owner_id, 'Good', 'c', true, 1, now(), now(), now() FROM posts")
	execIn(t, url, "ALTER TABLE post_search ADD CONSTRAINT no_bad CHECK (words NOT LIKE '% bad %')")
	execIn(t, url, "INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at) "+
		fmt.Sprintf("SELECT owner_id, 'Bad', 'c', true, 1, now(), now(), now() FROM posts WHERE id = %d", post.ID))
	n, err := s.Posts().Index(t.Context(), 1)
	require.ErrorContains(t, err, "no_bad")
	require.Equal(t, 1, n)
	require.Len(t, found(t, s, "good"), 1)
	require.Empty(t, found(t, s, "bad"))
}

func indexAll(ctx context.Context, s *Store) error {
	for {
		if n, err := s.Posts().Index(ctx, 7); n == 0 || err != nil {
			return err
		}
	}
}

func found(t *testing.T, s *Store, query string) []domain.Post {
	t.Helper()
	within := anywhere(0, query, false)
	within.Limit = domain.MaxPageLimit
	posts, err := s.Posts().Published(t.Context(), within)
	require.NoError(t, err)
	return posts
}
