package domain_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func (w *world) eventNames() (names []domain.SecurityEventName) {
	for _, e := range w.events.All() {
		names = append(names, e.Name)
	}
	return names
}

func TestSuspend(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, caller := w.enter(t)
	elsewhere := w.another(t)
	ended, err := w.operator().Suspend(t.Context(), ada)
	require.NoError(t, err)
	require.Equal(t, 1, ended)
	require.NoError(t, elsewhere.ended.Poll(t.Context()))
	elsewhere.requireOut(t, tokens)

	verified := w.hasher.Verifies()
	_, err = w.login(t.Context(), ada, "wrong")
	require.ErrorIs(t, err, domain.ErrInvalidCredentials, "a wrong password reveals nothing")
	_, err = w.login(t.Context(), ada, password)
	require.ErrorIs(t, err, domain.ErrAccountSuspended)
	require.Equal(t, verified+2, w.hasher.Verifies(), "the work is the same")
	require.Contains(t, w.eventNames(), domain.EventLoginSuspended)
	for range 20 {
		_, err = w.login(t.Context(), ada, password)
		require.ErrorIs(t, err, domain.ErrAccountSuspended, "it does not count as a failure")
	}

	ended, err = w.operator().Suspend(t.Context(), ada)
	require.NoError(t, err)
	require.Zero(t, ended)
	require.NoError(t, w.operator().Restore(t.Context(), ada))
	require.NoError(t, w.operator().Restore(t.Context(), ada))
	w.enterAgain(t)
	require.Contains(t, w.eventNames(), domain.EventAccountSuspended)
	require.Contains(t, w.eventNames(), domain.EventAccountRestored)
	requireActions(t, w, "users restore", "users restore", "users suspend", "users suspend")
	require.Equal(t, int64(caller.UserID), w.actions(t)[0].Target)

	for _, unknown := range []string{"eve@example.com", "eve"} {
		_, err = w.operator().Suspend(t.Context(), unknown)
		require.ErrorIs(t, err, domain.ErrUserNotFound)
		require.ErrorIs(t, w.operator().Restore(t.Context(), unknown), domain.ErrUserNotFound)
	}
}

// A suspended user may set a new password, as a person does whose account somebody else abused, but nobody can log in with it.
func TestAResetDuringASuspension(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.confirmed(t)
	_, err := w.operator().Suspend(t.Context(), ada)
	require.NoError(t, err)
	require.NoError(t, w.requestReset(t.Context(), ada))
	require.NoError(t, w.completeReset(t.Context(), w.mailedToken(t, ada, "reset"), newPassword))
	_, err = w.login(t.Context(), ada, newPassword)
	require.ErrorIs(t, err, domain.ErrAccountSuspended)
	require.NoError(t, w.operator().Restore(t.Context(), ada))
	_, err = w.login(t.Context(), ada, newPassword)
	require.NoError(t, err)
}

// TestALoginDuringASuspension suspends the account after the password was verified, and before the session is inserted.
func TestALoginDuringASuspension(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t, ada)
	w.hasher.OnVerify(func() error {
		w.hasher.OnVerify(nil)
		_, err := w.operator().Suspend(t.Context(), ada)
		return err
	})
	_, err := w.login(t.Context(), ada, password)
	require.ErrorIs(t, err, domain.ErrAccountSuspended)
}

func (w *world) actions(t *testing.T) []domain.OperatorAction {
	t.Helper()
	actions, err := w.operator().Actions(t.Context(), 100)
	require.NoError(t, err)
	return actions
}

// requireActions requires the names of the recorded actions, in no order, because they may be of the same time.
func requireActions(t *testing.T, w *world, want ...domain.OperatorActionName) {
	t.Helper()
	var names []domain.OperatorActionName
	for _, a := range w.actions(t) {
		require.Equal(t, "root", a.By)
		require.Equal(t, w.clock.Now(), a.At)
		names = append(names, a.Name)
	}
	require.ElementsMatch(t, want, names)
}

func TestEveryActionIsRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, o := t.Context(), w.operator()
	user, err := o.Import(ctx, domain.ImportedUser{Email: ada, PasswordHash: "fake$0$0$old"})
	require.NoError(t, err)
	post, err := w.posts.Create(ctx, user.ID, domain.PostInput{Title: "t", Content: "c", Published: true}, nil)
	require.NoError(t, err)
	var want []domain.OperatorAction
	record := func(name domain.OperatorActionName, target int64) {
		want = append(want, domain.OperatorAction{At: w.clock.Now(), By: "root", Name: name, Target: target})
		w.clock.Advance(time.Second)
	}
	record("users import", int64(user.ID))
	for _, act := range []struct {
		name   domain.OperatorActionName
		target int64
		run    func(ctx context.Context) error
	}{
		{"users set-password", int64(user.ID), func(ctx context.Context) error { return o.SetPassword(ctx, ada, domain.NewPassword(newPassword)) }},
		{"users set-email", int64(user.ID), func(ctx context.Context) error { return o.SetEmail(ctx, ada, "Ada@example.com") }},
		{"users end-sessions", int64(user.ID), func(ctx context.Context) error { return second(o.EndSessions(ctx, ada)) }},
		{"users suspend", int64(user.ID), func(ctx context.Context) error { return second(o.Suspend(ctx, ada)) }},
		{"users restore", int64(user.ID), func(ctx context.Context) error { return o.Restore(ctx, ada) }},
		{"posts hide", int64(post.ID), func(ctx context.Context) error { return o.HidePost(ctx, post.ID) }},
		{"posts show", int64(post.ID), func(ctx context.Context) error { return o.ShowPost(ctx, post.ID) }},
		{"sessions end", 0, func(ctx context.Context) error { return second(o.EndEverySession(ctx)) }},
		{"epoch new", 0, func(ctx context.Context) error { return second(o.NewEpoch(ctx)) }},
	} {
		w.store.failNow = domain.ErrStoreUnavailable
		require.ErrorIs(t, act.run(ctx), domain.ErrStoreUnavailable)
		w.store.failNow = nil
		if act.target != 0 {
			w.store.failCommit = domain.ErrStoreUnavailable
			require.ErrorIs(t, act.run(ctx), domain.ErrStoreUnavailable, "the action is recorded in the same transaction")
			w.store.failCommit = nil
		}
		require.NoError(t, act.run(ctx), act.name)
		record(act.name, act.target)
	}
	var got []domain.OperatorAction
	for _, a := range w.actions(t) {
		got = append([]domain.OperatorAction{a}, got...)
	}
	require.Equal(t, want, got)
	newest, err := o.Actions(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, want[len(want)-1:], newest)
}

func TestFailedActionsAreNotRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t, ada)
	ctx, o := t.Context(), w.operator()
	require.ErrorIs(t, second(o.Import(ctx, domain.ImportedUser{Email: ada, PasswordHash: "fake$0$0$old"})), domain.ErrEmailTaken)
	require.ErrorIs(t, second(o.Suspend(ctx, "eve@example.com")), domain.ErrUserNotFound)
	require.ErrorIs(t, o.HidePost(ctx, 7), domain.ErrPostNotFound)
	require.ErrorIs(t, o.ShowPost(ctx, 7), domain.ErrPostNotFound)
	require.Empty(t, w.actions(t))
}

func TestEndEverySession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, _ := w.enter(t)
	elsewhere := w.another(t)
	ended, err := w.operator().EndEverySession(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, ended)
	require.NoError(t, elsewhere.ended.Poll(t.Context()))
	elsewhere.requireOut(t, tokens)
	w.enterAgain(t)
}

// TestAnOperatorGivesAnAccountBack follows the runbook for an account whose password and address a thief has changed.
func TestAnOperatorGivesAnAccountBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, caller := w.confirmed(t)
	o, elsewhere := w.operator(), w.another(t)
	require.NoError(t, w.complete(t, w.requestChange(t, caller, bob)))
	require.NoError(t, w.requestReset(t.Context(), bob))
	w.mails(t)
	w.events.Take()

	require.NoError(t, second(o.Suspend(t.Context(), bob)))
	require.NoError(t, w.requestReset(t.Context(), bob))
	reset := w.mailedToken(t, bob, "reset")
	require.NoError(t, o.SetEmail(t.Context(), bob, ada))
	require.Contains(t, w.eventNames(), domain.EventEmailChanged)
	require.Equal(t, []string{bob + ": Your e-mail address was changed"}, w.subjects(t))
	require.Equal(t, error(domain.ErrBadEmailToken), w.completeReset(t.Context(), reset, "the thief's password"))
	require.NoError(t, elsewhere.ended.Poll(t.Context()))
	elsewhere.requireOut(t, tokens)
	require.NoError(t, w.requestReset(t.Context(), ada))
	require.NoError(t, w.completeReset(t.Context(), w.mailedToken(t, ada, "reset"), newPassword))
	require.NoError(t, o.Restore(t.Context(), ada))
	_, err := w.login(t.Context(), ada, newPassword)
	require.NoError(t, err)
	require.NotNil(t, w.user(t, caller.UserID).EmailVerifiedAt)

	w.register(t, bob)
	require.ErrorIs(t, o.SetEmail(t.Context(), bob, ada), domain.ErrEmailTaken)
	require.ErrorIs(t, o.SetEmail(t.Context(), "eve@example.com", "grace@example.com"), domain.ErrUserNotFound)
	requireFields(t, o.SetEmail(t.Context(), bob, "eve"), "email format")
}
