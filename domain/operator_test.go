package domain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func (w *world) operator() domain.Operator {
	return domain.NewAccountOperator(w.store, w.hasher, w.clock, domain.MinPassword, w.events, true, "root")
}

func TestImport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := time.Date(2020, 2, 3, 4, 5, 6, 123456789, time.FixedZone("east", 3600))
	in := domain.ImportedUser{Email: "Ada@example.com", PasswordHash: "fake$0$0$old", CreatedAt: &made}
	user, err := w.operator().Import(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, time.Date(2020, 2, 3, 3, 5, 6, 123456000, time.UTC), user.CreatedAt)
	_, err = w.login(t.Context(), ada, "old")
	require.NoError(t, err)
	_, err = w.operator().Import(t.Context(), domain.ImportedUser{Email: ada, PasswordHash: "fake$0$0$old"})
	require.ErrorIs(t, err, domain.ErrEmailTaken)
	user, err = w.operator().Import(t.Context(), domain.ImportedUser{Email: "bob@example.com", PasswordHash: "fake$0$0$old"})
	require.NoError(t, err)
	require.Equal(t, w.clock.Now(), user.CreatedAt)
	_, err = w.operator().Import(t.Context(), domain.ImportedUser{Email: "eve", PasswordHash: "plain"})
	requireFields(t, err, "email format", "hash format")
	for _, bad := range []struct {
		at   time.Time
		code string
	}{{w.clock.Now().Add(time.Microsecond), "maximum"}, {time.Unix(-1, 0), "minimum"}, {time.Time{}, "minimum"}} {
		_, err = w.operator().Import(t.Context(), domain.ImportedUser{Email: "eve@example.com", PasswordHash: "fake$0$0$old", CreatedAt: &bad.at})
		requireFields(t, err, "created_at "+bad.code)
	}
}

func TestImportOfAConfirmedAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := time.Date(2020, 2, 3, 4, 5, 6, 123456789, time.FixedZone("east", 3600))
	in := domain.ImportedUser{Email: ada, PasswordHash: "fake$0$0$old", EmailVerifiedAt: &at}
	user, err := w.operator().Import(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, time.Date(2020, 2, 3, 3, 5, 6, 123456000, time.UTC), *user.EmailVerifiedAt)
	later := w.clock.Now().Add(time.Microsecond)
	in.EmailVerifiedAt = &later
	_, err = w.operator().Import(t.Context(), in)
	requireFields(t, err, "email_verified_at maximum")
}

func TestShow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.confirmed(t)
	w.enterAgain(t)
	account, err := w.operator().Show(t.Context(), "ADA@example.com")
	require.NoError(t, err)
	require.Equal(t, domain.AccountState{User: w.user(t, caller.UserID), Sessions: 2}, account)
	require.NotNil(t, account.EmailVerifiedAt)
	w.clock.Advance(idle)
	account, err = w.operator().Show(t.Context(), ada)
	require.NoError(t, err)
	require.Zero(t, account.Sessions)
	_, err = w.operator().Show(t.Context(), bob)
	require.ErrorIs(t, err, domain.ErrUserNotFound)
}

func TestSetPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, _ := w.enter(t)
	elsewhere := w.another(t)
	require.NoError(t, w.operator().SetPassword(t.Context(), strings.ToUpper(ada), domain.NewPassword(newPassword)))
	require.NoError(t, elsewhere.ended.Poll(t.Context()))
	elsewhere.requireOut(t, tokens)
	_, err := w.login(t.Context(), ada, password)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	_, err = w.login(t.Context(), ada, newPassword)
	require.NoError(t, err)

	for _, unknown := range []string{"eve@example.com", "eve"} {
		err = w.operator().SetPassword(t.Context(), unknown, domain.NewPassword(newPassword))
		require.ErrorIs(t, err, domain.ErrUserNotFound)
	}
	requireFields(t, w.operator().SetPassword(t.Context(), ada, domain.NewPassword(ada)), "password password_guessable")
	strict := domain.NewAccountOperator(w.store, w.hasher, w.clock, 40, w.events, true, "root")
	requireFields(t, strict.SetPassword(t.Context(), ada, domain.NewPassword(newPassword)), "password password_too_short")
}

func TestSetPasswordIsAtomic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, _ := w.enter(t)
	w.store.failCommit = domain.ErrStoreUnavailable
	require.ErrorIs(t, w.operator().SetPassword(t.Context(), ada, domain.NewPassword(newPassword)), domain.ErrStoreUnavailable)
	w.store.failCommit = nil
	w.renew(t, tokens.Refresh)
	w.enterAgain(t)
}

func TestEndSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, _ := w.enter(t)
	second := w.enterAgain(t)
	n, err := w.operator().EndSessions(t.Context(), ada)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.NoError(t, w.ended.Poll(t.Context()))
	w.requireOut(t, first)
	w.requireOut(t, second)
	n, err = w.operator().EndSessions(t.Context(), ada)
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = w.operator().EndSessions(t.Context(), "eve@example.com")
	require.ErrorIs(t, err, domain.ErrUserNotFound)
}
