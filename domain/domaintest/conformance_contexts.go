package domaintest

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/search"
	"example.com/postern/domain/throttle"
)

var contextCases = []storeCase{
	{"every call fails if its context has ended", contextEnded},
	{"a waiting write does not run after its context ended", contextEndsInQueue},
	{"calls in a transaction fail after its context ended", contextEndsInTx},
}

func contextEnded(t *testing.T, s domain.Store) {
	user, post := insertAll(t, s)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), moment.AddDate(-20, 0, 0))
	defer cancel()
	for ctx, want := range map[context.Context]error{cancelled: context.Canceled, late: context.DeadlineExceeded} {
		for name, call := range everyCall(ctx, s, user, post) {
			require.ErrorIs(t, call(), want, name)
		}
		for name, call := range callsBesideTx(ctx, s, user, post) {
			require.ErrorIs(t, call(), want, name)
		}
		require.ErrorIs(t, s.InTx(ctx, func(domain.Repositories) error { return nil }), want)
		require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
			for name, call := range everyCall(ctx, tx, user, post) {
				require.ErrorIs(t, call(), want, name)
			}
			return nil
		}))
	}
	requireStored(t, s, post)
	require.Equal(t, []domain.Post{post}, newestFirst(t, s))
	require.Equal(t, "hash of ada@example.org", hashOf(t, s, "ada@example.org"))
	require.Len(t, live(t, s, user.ID), 1)
	newUser(t, s, "bob@example.org")
}

// everyCall calls each method of the repositories with valid arguments.
func everyCall(ctx context.Context, r domain.Repositories, user domain.User, post domain.Post) map[string]func() error {
	return map[string]func() error{
		"Users.Insert": func() error {
			_, err := r.Users().Insert(ctx, domain.NewUser{Email: "bob@example.org", PasswordHash: "hash", CreatedAt: moment})
			return err
		},
		"Posts.VotedBy":    func() error { _, err := r.Posts().VotedBy(ctx, user.ID, 0, 10); return err },
		"Users.ByID":       func() error { _, err := r.Users().ByID(ctx, user.ID); return err },
		"Users.Credential": func() error { _, err := r.Users().Credential(ctx, user.Email); return err },
		"Users.UpdatePasswordHash": func() error {
			_, err := r.Users().UpdatePasswordHash(ctx, user.ID, "hash of ada@example.org", "new")
			return err
		},
		"Users.CredentialByID": func() error { _, err := r.Users().CredentialByID(ctx, user.ID); return err },
		"Users.Rename":         func() error { _, err := r.Users().Rename(ctx, user.ID, nil); return err },
		"Users.SetSuspended":   func() error { return r.Users().SetSuspended(ctx, user.ID, nil) },
		"Users.Delete":         func() error { return r.Users().Delete(ctx, user.ID, moment) },
		"Users.Purge":          func() error { _, err := r.Users().Purge(ctx, 10); return err },
		"Posts.Insert":         func() error { _, err := r.Posts().Insert(ctx, publication(user.ID, "new", moment)); return err },
		"Posts.Visible":        func() error { _, err := r.Posts().Visible(ctx, domain.Viewer{}, post.ID); return err },
		"Posts.Published":      func() error { _, err := r.Posts().Published(ctx, anywhere); return err },
		"Posts.Published, searched": func() error {
			within := anywhere
			within.Search = search.Query{{Words: []string{"title"}}}
			_, err := r.Posts().Published(ctx, within)
			return err
		},
		"Posts.OwnedBy": func() error {
			_, err := r.Posts().OwnedBy(ctx, domain.OwnPostRange{Owner: user.ID, Newer: true, Limit: 10})
			return err
		},
		"Posts.AllOf":     func() error { _, err := r.Posts().AllOf(ctx, user.ID, 0, 10); return err },
		"Posts.Index":     func() error { _, err := r.Posts().Index(ctx, 10); return err },
		"Posts.Update":    func() error { _, err := r.Posts().Update(ctx, post); return err },
		"Posts.SetHidden": func() error { return r.Posts().SetHidden(ctx, post.ID, false) },
		"Posts.Delete":    func() error { return r.Posts().Delete(ctx, post.ID, user.ID, post.Version) },

		"Sessions.Insert": func() error { return r.Sessions().Insert(ctx, newSession(user.ID, "hash of ada@example.org")) },
		"Sessions.ByID":   func() error { _, err := r.Sessions().ByID(ctx, "sid"); return err },
		"Sessions.Live":   func() error { _, err := r.Sessions().Live(ctx, user.ID, moment, 10); return err },
		"Sessions.Refresh": func() error {
			_, err := r.Sessions().Refresh(ctx, domain.Session{ID: "sid", RefreshedAt: moment, ExpiresAt: moment}, 0)
			return err
		},
		"Sessions.End":           func() error { _, err := r.Sessions().End(ctx, user.ID, "sid", moment); return err },
		"Sessions.EndAll":        func() error { _, err := r.Sessions().EndAll(ctx, user.ID, "", moment); return err },
		"Sessions.EndedAfter":    func() error { _, err := r.Sessions().EndedAfter(ctx, domain.SessionEnd{}, 10); return err },
		"Sessions.DeleteExpired": func() error { _, err := r.Sessions().DeleteExpired(ctx, farFuture, 10); return err },
		"Idempotency.Insert": func() error {
			return r.Idempotency().Insert(ctx, record(user.ID, "new"), moment, domain.IdempotencyWait)
		},
		"Idempotency.Replay":        func() error { _, err := r.Idempotency().Replay(ctx, user.ID, "key", moment); return err },
		"Idempotency.DeleteExpired": func() error { _, err := r.Idempotency().DeleteExpired(ctx, farFuture, 10); return err },
		"Actions.Insert":            func() error { return r.Actions().Insert(ctx, domain.OperatorAction{At: moment}) },
		"Actions.Newest":            func() error { _, err := r.Actions().Newest(ctx, 10); return err },
		"Epoch":                     func() error { _, err := r.Epoch(ctx); return err },
		"Sessions.DeleteEnds":       func() error { _, err := r.Sessions().DeleteEnds(ctx, farFuture, 10); return err },
	}
}

// callsBesideTx calls each method of a store that a transaction does not have.
func callsBesideTx(ctx context.Context, s domain.Store, user domain.User, post domain.Post) map[string]func() error {
	return map[string]func() error{
		"Votes.Add":               func() error { return s.Votes().Add(ctx, post.ID, user.ID) },
		"Votes.Remove":            func() error { return s.Votes().Remove(ctx, post.ID, user.ID) },
		"Now":                     func() error { _, err := s.Now(ctx); return err },
		"NewEpoch":                func() error { _, err := s.NewEpoch(ctx, domain.OperatorAction{}); return err },
		"EndEverySession":         func() error { _, err := s.EndEverySession(ctx, domain.OperatorAction{}); return err },
		"Throttles.Change":        func() error { return s.Throttles().Change(ctx, []string{"a"}, func([]throttle.Counter) {}) },
		"Throttles.DeletePrefix":  func() error { _, err := s.Throttles().DeletePrefix(ctx, "a", 10); return err },
		"Throttles.DeleteExpired": func() error { _, err := s.Throttles().DeleteExpired(ctx, farFuture, 10); return err },
	}
}

// hold begins a transaction that changes a post and waits. release ends it and returns its error.
func hold(t *testing.T, s domain.Store, post domain.Post) (release func() error) {
	t.Helper()
	changed, released := make(chan error, 8), make(chan struct{})
	ended := start(func() error {
		return s.InTx(t.Context(), func(tx domain.Repositories) error {
			_, err := tx.Posts().Update(t.Context(), post)
			changed <- err
			<-released
			return err
		})
	})
	end := sync.OnceFunc(func() { close(released) })
	t.Cleanup(end) // so that the store can be closed after a failure
	require.NoError(t, wait(t, changed))
	return func() error {
		end()
		return wait(t, ended)
	}
}

func contextEndsInQueue(t *testing.T, s domain.Store) {
	_, post := insertAll(t, s)
	release := hold(t, s, post)

	ctx, cancel := context.WithCancel(t.Context())
	single := start(func() error { return s.Posts().Delete(ctx, post.ID, post.OwnerID, post.Version) })
	inTx := start(func() error {
		return s.InTx(ctx, func(tx domain.Repositories) error { return tx.Posts().Delete(ctx, post.ID, post.OwnerID, post.Version) })
	})
	soon, cancelSoon := context.WithTimeout(t.Context(), chance)
	defer cancelSoon()
	require.ErrorIs(t, s.Posts().Delete(soon, post.ID, post.OwnerID, post.Version), context.DeadlineExceeded)
	cancel()
	require.ErrorIs(t, wait(t, single), context.Canceled)
	require.ErrorIs(t, wait(t, inTx), context.Canceled)

	require.NoError(t, release())
	post.Version++
	requireStored(t, s, post)
	require.NoError(t, s.Posts().Delete(t.Context(), post.ID, post.OwnerID, post.Version))
}

func contextEndsInTx(t *testing.T, s domain.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := s.InTx(ctx, func(tx domain.Repositories) error {
		user := newUser(t, tx, "ada@example.org")
		cancel()
		_, err := tx.Posts().Insert(ctx, publication(user.ID, "c", moment))
		return err
	})
	require.ErrorIs(t, err, context.Canceled)
	requireNothing(t, s)
}
