package domain_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestDeleteAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old, oldCaller := w.enter(t)
	w.clock.Advance(time.Hour)
	old = w.renew(t, old.Refresh)
	fresh := w.enterAgain(t)
	caller := w.caller(t, fresh)
	w.events.Take()

	require.ErrorIs(t, w.auth.DeleteAccount(t.Context(), oldCaller), domain.ErrReauthentication, "a refresh does not give the password")
	w.clock.Advance(domain.ReauthenticationAge)
	require.NoError(t, w.auth.DeleteAccount(t.Context(), caller))
	require.ElementsMatch(t, []domain.SecurityEvent{
		ended(oldCaller), ended(caller), {Name: domain.EventAccountDeleted, UserID: caller.UserID, SessionID: caller.SessionID},
	}, w.events.Take())
	w.requireOut(t, old)
	w.requireOut(t, fresh)
	_, err := w.users.Get(t.Context(), caller.UserID)
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	_, err = w.login(t.Context(), ada, password)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	require.NotEqual(t, caller.UserID, w.register(t, ada).ID, "the address can be used again, the identifier cannot")
}

func TestAnAccountIsNotDeleted(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		prepare func(w *world, t *testing.T, c domain.Caller)
		want    error
	}{
		"when the password is too long ago": {func(w *world, _ *testing.T, _ domain.Caller) {
			w.clock.Advance(domain.ReauthenticationAge + time.Microsecond)
		}, domain.ErrReauthentication},
		"from a session that has ended": {func(w *world, t *testing.T, c domain.Caller) {
			require.NoError(t, w.sessions.End(t.Context(), c, c.SessionID))
		}, domain.ErrBadToken},
		"when the store fails": {func(w *world, _ *testing.T, _ domain.Caller) {
			w.store.failCommit = domain.ErrStoreUnavailable
		}, domain.ErrStoreUnavailable},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, caller := w.enter(t)
			c.prepare(w, t, caller)
			w.events.Take()
			require.ErrorIs(t, w.auth.DeleteAccount(t.Context(), caller), c.want)
			require.Empty(t, w.events.Take())
			w.store.failCommit = nil
			w.enterAgain(t)
		})
	}
}

func TestAnAccountIsDeletedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	require.NoError(t, w.auth.DeleteAccount(t.Context(), caller))
	require.ErrorIs(t, w.auth.DeleteAccount(t.Context(), caller), domain.ErrBadToken)
}

func TestADeletedAccountsThrottlesAreForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	require.NoError(t, w.loginFrom(t.Context(), home, ada, password))
	w.guess(t, 4, home, ada)
	w.guess(t, 4, "192.0.2.2", ada)
	w.guess(t, 1, home, "bob@example.com")
	require.NoError(t, w.auth.DeleteAccount(t.Context(), caller))
	w.register(t, ada)
	for i := range 100 { // the limit for addresses that the account does not know
		w.guess(t, 1, fmt.Sprintf("198.51.100.%d", i), ada)
	}
	requireThrottled(t, w.loginFrom(t.Context(), home, ada, password), "login", time.Hour)
}
