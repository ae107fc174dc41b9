package domain_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

const newPassword = "seven brown foxes sing"

func change(current, new string) domain.PasswordChange {
	return domain.PasswordChange{
		Current: domain.NewPassword(current), New: domain.NewPassword(new), Client: domain.Client{IP: home},
	}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mine, caller := w.enter(t)
	other := w.enterAgain(t)
	otherCaller := w.caller(t, other)
	w.events.Take()
	require.NoError(t, w.auth.ChangePassword(t.Context(), caller, change(password, newPassword)))
	require.Equal(t, []domain.SecurityEvent{
		ended(otherCaller), {Name: domain.EventPasswordChanged, UserID: caller.UserID, SessionID: caller.SessionID},
	}, w.events.Take())
	w.requireOut(t, other)
	require.Equal(t, caller, w.caller(t, mine))
	w.renew(t, mine.Refresh)
	_, err := w.login(t.Context(), ada, password)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	_, err = w.login(t.Context(), ada, newPassword)
	require.NoError(t, err)
}

func TestChangePasswordNamesEveryBadField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	verifies := w.hasher.Verifies()
	err := w.auth.ChangePassword(t.Context(), caller, change("", "short"))
	requireFields(t, err, "current_password required", "new_password min_length")
	err = w.auth.ChangePassword(t.Context(), caller, change(strings.Repeat("x", domain.MaxLoginPassword+1), ada))
	requireFields(t, err, "current_password max_length", "new_password password_guessable")
	require.Equal(t, verifies, w.hasher.Verifies())
}

// TestGuessingTheCurrentPasswordIsThrottled matters because a thief of a session must not be able to guess the password.
func TestGuessingTheCurrentPasswordIsThrottled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, caller := w.enter(t)
	w.guess(t, 2, home, ada)
	w.events.Take()
	for range 3 {
		err := w.auth.ChangePassword(t.Context(), caller, change("wrong "+password, newPassword))
		require.Equal(t, error(domain.ErrInvalidCredentials), err)
	}
	requireThrottled(t, w.auth.ChangePassword(t.Context(), caller, change(password, newPassword)), "login", time.Second)
	requireThrottled(t, w.loginFrom(t.Context(), home, ada, password), "login", time.Second)
	require.Equal(t, caller, w.caller(t, tokens))
	failed := domain.SecurityEvent{Name: domain.EventLoginFailed, UserID: caller.UserID, SessionID: caller.SessionID}
	throttled := domain.SecurityEvent{Name: domain.EventLoginThrottled, UserID: caller.UserID, SessionID: caller.SessionID}
	require.Equal(t, []domain.SecurityEvent{failed, failed, failed, throttled}, w.events.Take()[:4])
	w.clock.Advance(time.Second)
	require.NoError(t, w.auth.ChangePassword(t.Context(), caller, change(password, newPassword)))
	require.NoError(t, w.loginFrom(t.Context(), home, ada, newPassword))
}

func TestAPasswordChangeIsAtomic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	other := w.enterAgain(t)
	w.events.Take()
	w.store.failCommit = domain.ErrStoreUnavailable
	require.ErrorIs(t, w.auth.ChangePassword(t.Context(), caller, change(password, newPassword)), domain.ErrStoreUnavailable)
	w.store.failCommit = nil
	require.Empty(t, w.events.Take())
	w.caller(t, other)
	w.enterAgain(t)
}

// TestAPasswordChangeBesideOthers runs a change beside another write of the hash. An upgrade by a login must not make the right
// password wrong. Another change must.
func TestAPasswordChangeBesideOthers(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		hash string
		want error
	}{
		"an upgrade":     {"fake$1$0$" + password, nil},
		"another change": {"fake$1$0$another password", domain.ErrInvalidCredentials},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, caller := w.enter(t)
			known := w.credential(t)
			w.hasher.OnHash(func() error {
				_, err := w.store.Users().UpdatePasswordHash(t.Context(), known.UserID, known.PasswordHash, c.hash)
				return err
			})
			err := w.auth.ChangePassword(t.Context(), caller, change(password, newPassword))
			require.ErrorIs(t, err, c.want)
			_, err = w.login(t.Context(), ada, newPassword)
			require.Equal(t, c.want == nil, err == nil)
		})
	}
}

func TestAPasswordChangeIsTriedTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	hashes := w.hasher.Hashes()
	w.hasher.OnHash(func() error {
		known := w.credential(t)
		upgraded := fmt.Sprintf("fake$0$%d$%s", 100+w.hasher.Hashes(), password)
		_, err := w.store.Users().UpdatePasswordHash(t.Context(), known.UserID, known.PasswordHash, upgraded)
		return err
	})
	err := w.auth.ChangePassword(t.Context(), caller, change(password, newPassword))
	require.Equal(t, error(domain.ErrInvalidCredentials), err)
	require.Equal(t, 2, w.hasher.Hashes()-hashes)
}

func TestAPasswordChangeOfADeletedAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	require.NoError(t, w.store.Users().Delete(t.Context(), caller.UserID, w.clock.Now()))
	require.ErrorIs(t, w.auth.ChangePassword(t.Context(), caller, change(password, newPassword)), domain.ErrBadToken)
}
