package domain_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// exported collects an export. Before it takes an item, it calls before, unless that is nil.
type exported struct {
	before   func(item any) error
	accounts []domain.User
	posts    []domain.Post
	votes    []domain.PostID
	sessions []domain.Session
}

func (e *exported) WriteAccount(_ context.Context, u domain.User) error {
	return add(e, &e.accounts, u)
}

func (e *exported) WritePost(_ context.Context, p domain.Post) error { return add(e, &e.posts, p) }

func (e *exported) WriteVote(_ context.Context, id domain.PostID) error { return add(e, &e.votes, id) }

func (e *exported) WriteSession(_ context.Context, s domain.Session) error {
	return add(e, &e.sessions, s)
}

func add[T any](e *exported, items *[]T, item T) error {
	if e.before != nil {
		if err := e.before(item); err != nil {
			return err
		}
	}
	*items = append(*items, item)
	return nil
}

func (w *world) exports(atOnce int) *domain.Exports {
	return domain.NewExports(w.store, w.ended, atOnce, time.Minute)
}

// fill gives the caller posts and votes for all of them, and Bob as many.
func (w *world) fill(t *testing.T, caller domain.Caller, posts int) (own []domain.PostID) {
	t.Helper()
	bob := w.register(t, "bob@example.com").ID
	for i := range posts {
		for _, author := range []domain.UserID{caller.UserID, bob} {
			made, err := w.posts.Create(t.Context(), author, domain.PostInput{Title: "t", Content: "c", Published: i%2 == 0}, nil)
			require.NoError(t, err)
			if author == caller.UserID {
				own = append(own, made.Post.ID)
				require.NoError(t, w.posts.Vote(t.Context(), author, made.Post.ID, true))
			}
		}
	}
	return own
}

func TestExportHasEverythingOfTheCaller(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	w.clock.Advance(time.Second)
	w.enterAgain(t)
	own := w.fill(t, caller, 510) // more than are read at once
	var got exported
	require.NoError(t, w.exports(1).Export(t.Context(), caller, domain.Client{}, &got))
	user, err := w.users.GetOwn(t.Context(), caller)
	require.NoError(t, err)
	require.Equal(t, []domain.User{user}, got.accounts)
	require.Equal(t, own, got.votes)
	sessions, err := w.sessions.List(t.Context(), caller)
	require.NoError(t, err)
	require.Len(t, sessions, 2)
	require.Equal(t, sessions, got.sessions)
	require.Len(t, got.posts, len(own))
	for i, id := range own {
		post, err := w.posts.Get(t.Context(), domain.Viewer{UserID: caller.UserID}, id)
		require.NoError(t, err)
		require.Equal(t, post, got.posts[i])
	}
}

func TestExportShowsOneMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	own := w.fill(t, caller, 30)
	written := false
	got := exported{before: func(any) error {
		if written {
			return nil
		}
		written = true
		w.enterAgain(t)
		for _, id := range own {
			require.NoError(t, w.posts.Delete(t.Context(), caller.UserID, id, nil))
		}
		_, err := w.users.Rename(t.Context(), caller, new("Ada"))
		return err
	}}
	require.NoError(t, w.exports(1).Export(t.Context(), caller, domain.Client{}, &got))
	require.Len(t, got.posts, len(own))
	require.Nil(t, got.posts[0].OwnerName)
	require.Equal(t, own, got.votes)
	require.Len(t, got.sessions, 1)
}

func TestExportsAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, ada := w.enter(t)
	w.register(t, "bob@example.com")
	tokens, err := w.login(t.Context(), "bob@example.com", password)
	require.NoError(t, err)
	bob := w.caller(t, tokens)
	exports := w.exports(2)
	home, office := domain.Client{IP: "192.0.2.1"}, domain.Client{IP: "198.51.100.1"}
	failure := errors.New("boom")
	first := true
	got := exported{before: func(any) error {
		if !first {
			return nil
		}
		first = false
		require.ErrorIs(t, exports.Export(t.Context(), ada, office, &exported{}), domain.ErrExportRunning)
		require.ErrorIs(t, exports.Export(t.Context(), bob, home, &exported{}), domain.ErrExportBusy, "the network has its half")
		require.NoError(t, exports.Export(t.Context(), bob, office, &exported{}))
		require.Same(t, failure, exports.Export(t.Context(), bob, office, &exported{before: func(any) error { return failure }}))
		require.NoError(t, exports.Export(t.Context(), bob, office, &exported{}), "a failed export is over")
		return nil
	}}
	require.NoError(t, exports.Export(t.Context(), ada, home, &got))
	require.NoError(t, exports.Export(t.Context(), ada, home, &got))
}

func TestExportNeedsALiveSession(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *world, caller domain.Caller) error{
		"ended":   func(w *world, c domain.Caller) error { return w.sessions.End(t.Context(), c, c.SessionID) },
		"deleted": func(w *world, c domain.Caller) error { return w.auth.DeleteAccount(t.Context(), c) },
		"expired": func(w *world, c domain.Caller) error { w.clock.Advance(idle); return nil },
	} {
		w := newWorld(t)
		_, caller := w.enter(t)
		w.fill(t, caller, 40)
		exports := w.exports(1)
		if name != "expired" { // the token of an export that runs cannot expire far enough
			got := exported{}
			got.before = func(any) error {
				if len(got.accounts) == 1 && len(got.posts) == 0 {
					return end(w, caller)
				}
				return nil
			}
			require.ErrorIs(t, exports.Export(t.Context(), caller, domain.Client{}, &got), domain.ErrBadToken, name)
			require.Less(t, len(got.posts), 40, name)
		} else {
			require.NoError(t, end(w, caller))
		}
		got := exported{}
		require.ErrorIs(t, exports.Export(t.Context(), caller, domain.Client{}, &got), domain.ErrBadToken, name)
		require.Empty(t, got.accounts, fmt.Sprint(name, ": nothing was written"))
	}
}

func TestExportTakesBoundedTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		_, caller := w.enter(t)
		w.fill(t, caller, 40)
		slow := exported{before: func(any) error { time.Sleep(10 * time.Second); return nil }}
		err := w.exports(1).Export(t.Context(), caller, domain.Client{}, &slow)
		require.ErrorIs(t, err, domain.ErrBusy)
		require.NotErrorIs(t, err, domain.ErrStoreUnavailable)
		require.Less(t, len(slow.posts), 20)
	})
}
