package domain_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func retryKey(name, fingerprint string) *domain.Idempotency {
	return &domain.Idempotency{Key: name, Fingerprint: fingerprint}
}

func TestCreateOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author, another := w.register(t, ada).ID, w.register(t, "eve@example.com").ID
	first, err := w.posts.Create(t.Context(), author, published, retryKey("k", "f"))
	require.NoError(t, err)
	require.False(t, first.Replayed)

	name := "Ada"
	_, err = w.store.Users().Rename(t.Context(), author, &name)
	require.NoError(t, err)
	_, err = w.posts.Update(t.Context(), author, first.ID, nil, become(draft))
	require.NoError(t, err)
	requireReplay := func() {
		w.clock.Advance(time.Hour)
		again, err := w.posts.Create(t.Context(), author, published, retryKey("k", "f"))
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, first.Post, again.Post)
	}
	requireReplay()
	require.NoError(t, w.posts.Delete(t.Context(), author, first.ID, nil))
	requireReplay()

	_, err = w.posts.Create(t.Context(), author, draft, retryKey("k", "g"))
	require.ErrorIs(t, err, domain.ErrIdempotencyKeyReused)
	other, err := w.posts.Create(t.Context(), another, published, retryKey("k", "g"))
	require.NoError(t, err, "a key belongs to one user")
	require.False(t, other.Replayed)

	w.clock.Advance(domain.IdempotencyLife - 2*time.Hour - time.Microsecond)
	_, err = w.posts.Create(t.Context(), author, published, retryKey("k", "g"))
	require.ErrorIs(t, err, domain.ErrIdempotencyKeyReused)
	w.clock.Advance(time.Microsecond)
	anew, err := w.posts.Create(t.Context(), author, published, retryKey("k", "g"))
	require.NoError(t, err)
	require.False(t, anew.Replayed)
	require.NotEqual(t, first.ID, anew.ID)
}

func TestFailuresAreNotRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author := w.register(t, ada).ID
	_, err := w.posts.Create(t.Context(), author, domain.PostInput{}, retryKey("k", "f"))
	require.ErrorIs(t, err, domain.ErrInvalid)
	w.store.failCommit = errors.New("boom")
	_, err = w.posts.Create(t.Context(), author, published, retryKey("k", "f"))
	require.ErrorIs(t, err, w.store.failCommit)
	w.store.failCommit = nil
	post, err := w.posts.Create(t.Context(), author, published, retryKey("k", "another"))
	require.NoError(t, err)
	require.False(t, post.Replayed)
}

func TestConcurrentDuplicatesMakeOnePost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author, instances := w.register(t, ada).ID, []domain.PostService{w.posts, w.another(t).posts}
	type result struct {
		post domain.CreatedPost
		err  error
	}
	results := make(chan result)
	for i := range 100 {
		go func() {
			post, err := instances[i%2].Create(t.Context(), author, published, retryKey("k", "f"))
			results <- result{post, err}
		}()
	}
	created, seen := 0, map[domain.PostID]bool{}
	for range 100 {
		r := <-results
		require.NoError(t, r.err)
		if !r.post.Replayed {
			created++
		}
		seen[r.post.ID] = true
	}
	require.Equal(t, 1, created)
	require.Len(t, seen, 1)
	page, err := w.posts.List(t.Context(), domain.PostQuery{})
	require.NoError(t, err)
	require.Len(t, page.Posts, 1)
}

func TestADuplicateWaitsForTwoSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		author := w.register(t, ada).ID
		release, held := make(chan struct{}), make(chan error)
		go func() {
			held <- w.store.InTx(t.Context(), func(domain.Repositories) error { <-release; return nil })
		}()
		synctest.Wait()
		first := make(chan error)
		go func() {
			_, err := w.posts.Create(t.Context(), author, published, retryKey("k", "f"))
			first <- err
		}()
		synctest.Wait()
		began := time.Now()
		_, err := w.posts.Create(t.Context(), author, published, retryKey("k", "f"))
		require.ErrorIs(t, err, domain.ErrIdempotencyInProgress)
		require.Equal(t, domain.IdempotencyWait, time.Since(began))
		close(release)
		require.NoError(t, <-held)
		require.NoError(t, <-first)
		again, err := w.posts.Create(t.Context(), author, published, retryKey("k", "f"))
		require.NoError(t, err)
		require.True(t, again.Replayed)
	})
}

// busyKeys is a store where the first record fails after a while, and every other finds a record that is being added.
type busyKeys struct {
	domain.Store
	failsAfter time.Duration
	failure    error
}

func (s *busyKeys) InTx(ctx context.Context, fn func(domain.Repositories) error) error {
	return s.Store.InTx(ctx, func(tx domain.Repositories) error { return fn(busyTx{tx, s}) })
}

type busyTx struct {
	domain.Repositories
	store *busyKeys
}

func (t busyTx) Idempotency() domain.IdempotencyRepository {
	return busyRecords{t.Repositories.Idempotency(), t.store}
}

type busyRecords struct {
	domain.IdempotencyRepository
	store *busyKeys
}

func (r busyRecords) Insert(_ context.Context, _ domain.IdempotencyRecord, _ time.Time, wait time.Duration) error {
	if failure := r.store.failure; failure != nil {
		r.store.failure = nil
		<-time.After(r.store.failsAfter)
		return failure
	}
	<-time.After(wait)
	return domain.ErrIdempotencyInProgress
}

// TestADuplicateWaitsTwiceForTwoSecondsInAll runs a duplicate that first waits in the process for a request that fails, and
// then in the store for a request of another instance.
func TestADuplicateWaitsTwiceForTwoSecondsInAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		author := w.register(t, ada).ID
		failure := errors.New("boom")
		posts := domain.NewPosts(&busyKeys{w.store, 1500 * time.Millisecond, failure}, realClock{}, 0, nil)
		first := make(chan error)
		began := time.Now()
		go func() {
			_, err := posts.Create(t.Context(), author, published, retryKey("k", "f"))
			first <- err
		}()
		synctest.Wait()
		second := make(chan error)
		go func() {
			_, err := posts.Create(t.Context(), author, published, retryKey("k", "f"))
			second <- err
		}()
		require.ErrorIs(t, <-first, failure)
		require.ErrorIs(t, <-second, domain.ErrIdempotencyInProgress)
		require.Equal(t, domain.IdempotencyWait, time.Since(began))
	})
}
