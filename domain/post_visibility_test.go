package domain_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// recordingStore records the calls that concern posts.
type recordingStore struct {
	domain.Store
	calls []string
}

func (s *recordingStore) Posts() domain.PostRepository { return recordingPosts{s.Store.Posts(), s} }

func (s *recordingStore) Votes() domain.VoteRepository { return recordingVotes{s.Store.Votes(), s} }

func (s *recordingStore) InTx(ctx context.Context, fn func(domain.Repositories) error) error {
	s.calls = append(s.calls, "InTx")
	return s.Store.InTx(ctx, func(tx domain.Repositories) error { return fn(recordingTx{tx, s}) })
}

type recordingTx struct {
	domain.Repositories
	store *recordingStore
}

func (t recordingTx) Posts() domain.PostRepository {
	return recordingPosts{t.Repositories.Posts(), t.store}
}

type recordingPosts struct {
	domain.PostRepository
	store *recordingStore
}

func (p recordingPosts) Visible(ctx context.Context, v domain.Viewer, id domain.PostID) (domain.Post, error) {
	p.store.calls = append(p.store.calls, "Visible")
	return p.PostRepository.Visible(ctx, v, id)
}

type recordingVotes struct {
	domain.VoteRepository
	store *recordingStore
}

func (v recordingVotes) Add(ctx context.Context, id domain.PostID, voter domain.UserID) error {
	v.store.calls = append(v.store.calls, "Add")
	return v.VoteRepository.Add(ctx, id, voter)
}

func (v recordingVotes) Remove(ctx context.Context, id domain.PostID, voter domain.UserID) error {
	v.store.calls = append(v.store.calls, "Remove")
	return v.VoteRepository.Remove(ctx, id, voter)
}

// TestADraftTakesTheStepsOfAMissingPost checks that a draft of another user is one query that finds nothing, as for a
// missing post. A service that read the draft first would reveal it by the time that it takes.
func TestADraftTakesTheStepsOfAMissingPost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner, stranger := w.register(t, ada), w.register(t, "bob@example.com")
	created, err := w.posts.Create(t.Context(), owner.ID, domain.PostInput{Title: "t", Content: "c"}, nil)
	require.NoError(t, err)
	store := &recordingStore{Store: w.store}
	posts := domain.NewPosts(store, w.clock, 0, nil)
	steps := func(id domain.PostID) (all [][]string) {
		edit := func(*domain.PostInput) { t.Error("the edit is not reached") }
		for _, call := range []func() error{
			func() error { return second(posts.Get(t.Context(), domain.Viewer{}, id)) },
			func() error { return second(posts.Get(t.Context(), domain.Viewer{UserID: stranger.ID}, id)) },
			func() error { return second(posts.Update(t.Context(), stranger.ID, id, nil, edit)) },
			func() error { return posts.Delete(t.Context(), stranger.ID, id, []domain.Version{1}) },
			func() error { return posts.Vote(t.Context(), stranger.ID, id, true) },
			func() error { return posts.Vote(t.Context(), stranger.ID, id, false) },
		} {
			store.calls = nil
			require.ErrorIs(t, call(), domain.ErrPostNotFound)
			all = append(all, store.calls)
		}
		return all
	}
	want := [][]string{{"Visible"}, {"Visible"}, {"InTx", "Visible"}, {"InTx", "Visible"}, {"Add"}, {"Remove"}}
	require.Equal(t, want, steps(created.ID))
	require.Equal(t, want, steps(created.ID+1))
}

func second[T any](_ T, err error) error { return err }
