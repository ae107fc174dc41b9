package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

// limitWrites allows an account 4 writes at once and then one every 10 seconds.
func (w *world) limitWrites() {
	writes := throttle.NewLimiter(w.clock, 4, 6)
	w.users = domain.NewUsers(w.store, writes)
	w.posts = domain.NewPosts(w.store, w.clock, 0, writes)
}

func requireWritesUsedUp(t *testing.T, err error, wait time.Duration) {
	t.Helper()
	var failure *domain.Error
	require.ErrorAs(t, err, &failure)
	require.ErrorIs(t, err, domain.ErrTooMany)
	require.Equal(t, "quota_exceeded", failure.Code)
	require.Equal(t, &throttle.Quota{Policy: "writes", Limit: 6, Window: time.Minute}, failure.Quota)
	require.Equal(t, wait, failure.RetryAfter)
}

func TestWritesOfAnAccountAreLimitedTogether(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(t), t.Context()
	w.limitWrites()
	author, other := w.register(t, ada).ID, w.register(t, "eve@example.com").ID
	in := domain.PostInput{Title: "A", Content: "B", Published: true}
	created, err := w.posts.Create(ctx, author, in, nil)
	require.NoError(t, err)
	id := created.Post.ID
	change := func(in *domain.PostInput) { in.Title = "C" }
	_, err = w.posts.Update(ctx, author, id, nil, change)
	require.NoError(t, err)
	require.NoError(t, w.posts.Vote(ctx, author, id, true))
	_, err = w.users.Rename(ctx, domain.Caller{UserID: author}, new("Ada"))
	require.NoError(t, err)

	const missing = 999
	for range 3 { // refused writes are not counted
		_, err = w.posts.Create(ctx, author, in, nil)
		requireWritesUsedUp(t, err, 10*time.Second)
		_, err = w.posts.Update(ctx, author, missing, nil, change)
		requireWritesUsedUp(t, err, 10*time.Second)
		requireWritesUsedUp(t, w.posts.Delete(ctx, author, missing, nil), 10*time.Second)
		requireWritesUsedUp(t, w.posts.Vote(ctx, author, missing, false), 10*time.Second)
		_, err = w.users.Rename(ctx, domain.Caller{UserID: author}, nil)
		requireWritesUsedUp(t, err, 10*time.Second)
	}
	_, err = w.posts.Create(ctx, author, domain.PostInput{}, nil)
	require.ErrorIs(t, err, domain.ErrInvalid, "an invalid input is reported first")
	_, err = w.posts.Get(ctx, domain.Viewer{UserID: author}, id)
	require.NoError(t, err, "reading is not limited")
	require.NoError(t, w.posts.Vote(ctx, other, id, true), "other accounts have their own limit")

	w.clock.Advance(4 * time.Second)
	requireWritesUsedUp(t, w.posts.Vote(ctx, author, id, false), 6*time.Second)
	w.clock.Advance(6 * time.Second)
	require.NoError(t, w.posts.Vote(ctx, author, id, false))
	requireWritesUsedUp(t, w.posts.Vote(ctx, author, id, false), 10*time.Second)
	w.clock.Set(time.Hour)
	requireWritesUsedUp(t, w.posts.Vote(ctx, author, id, false), 10*time.Second)
}
