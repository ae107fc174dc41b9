package domain_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// The order in which a transaction locks the rows of an account. In a database with row locks, two transactions that use
// different orders wait for each other, until the database notices and ends one of them.
const (
	lockEmailTokens = iota + 1
	lockUser
	lockSessions
)

// lockingStore fails the test when a transaction locks rows in another order.
type lockingStore struct {
	domain.Store
	t *testing.T
}

func (s lockingStore) InTx(ctx context.Context, fn func(domain.Repositories) error) error {
	return s.Store.InTx(ctx, func(tx domain.Repositories) error {
		last := 0
		return fn(lockingTx{tx, func(lock int) {
			require.GreaterOrEqual(s.t, lock, last)
			last = lock
		}})
	})
}

type lockingTx struct {
	domain.Repositories
	take func(lock int)
}

func (t lockingTx) EmailTokens() domain.EmailTokenRepository {
	return lockingEmailTokens{t.Repositories.EmailTokens(), t.take}
}

func (t lockingTx) Users() domain.UserRepository { return lockingUsers{t.Repositories.Users(), t.take} }

func (t lockingTx) Sessions() domain.SessionRepository {
	return lockingSessions{t.Repositories.Sessions(), t.take}
}

type lockingEmailTokens struct {
	domain.EmailTokenRepository
	take func(lock int)
}

func (r lockingEmailTokens) Put(ctx context.Context, t domain.EmailToken) error {
	r.take(lockEmailTokens)
	return r.EmailTokenRepository.Put(ctx, t)
}

func (r lockingEmailTokens) Take(ctx context.Context, kind domain.MailKind, id string, now time.Time) (domain.EmailToken, error) {
	r.take(lockEmailTokens)
	return r.EmailTokenRepository.Take(ctx, kind, id, now)
}

func (r lockingEmailTokens) DeleteOfUser(ctx context.Context, user domain.UserID, email domain.Email) error {
	r.take(lockEmailTokens)
	return r.EmailTokenRepository.DeleteOfUser(ctx, user, email)
}

type lockingUsers struct {
	domain.UserRepository
	take func(lock int)
}

func (r lockingUsers) UpdatePasswordHash(ctx context.Context, id domain.UserID, old, fresh string) (bool, error) {
	r.take(lockUser)
	return r.UserRepository.UpdatePasswordHash(ctx, id, old, fresh)
}

func (r lockingUsers) SetSuspended(ctx context.Context, id domain.UserID, since *time.Time) error {
	r.take(lockUser)
	return r.UserRepository.SetSuspended(ctx, id, since)
}

func (r lockingUsers) VerifyEmail(ctx context.Context, id domain.UserID, e domain.Email, at time.Time) (bool, error) {
	r.take(lockUser)
	return r.UserRepository.VerifyEmail(ctx, id, e, at)
}

func (r lockingUsers) ChangeEmail(ctx context.Context, id domain.UserID, e domain.Email, at time.Time) error {
	r.take(lockUser)
	return r.UserRepository.ChangeEmail(ctx, id, e, at)
}

func (r lockingUsers) Delete(ctx context.Context, id domain.UserID, at time.Time) error {
	r.take(lockUser)
	return r.UserRepository.Delete(ctx, id, at)
}

type lockingSessions struct {
	domain.SessionRepository
	take func(lock int)
}

// Insert also locks the user.
func (r lockingSessions) Insert(ctx context.Context, s domain.NewSession) error {
	r.take(lockUser)
	r.take(lockSessions)
	return r.SessionRepository.Insert(ctx, s)
}

func (r lockingSessions) Refresh(ctx context.Context, s domain.Session, count int64) (bool, error) {
	r.take(lockSessions)
	return r.SessionRepository.Refresh(ctx, s, count)
}

func (r lockingSessions) End(ctx context.Context, user domain.UserID, id domain.SessionID, at time.Time) (bool, error) {
	r.take(lockSessions)
	return r.SessionRepository.End(ctx, user, id, at)
}

func (r lockingSessions) EndAll(
	ctx context.Context, user domain.UserID, except domain.SessionID, at time.Time,
) ([]domain.SessionID, error) {
	r.take(lockSessions)
	return r.SessionRepository.EndAll(ctx, user, except, at)
}

func TestTheRowsOfAnAccountAreLockedInOneOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.store.Store = lockingStore{w.store.Store, t}
	_, caller := w.confirmed(t)
	other := w.renew(t, w.enterAgain(t).Refresh)
	require.NoError(t, w.auth.ChangePassword(t.Context(), caller, domain.PasswordChange{
		Current: domain.NewPassword(password), New: domain.NewPassword(newPassword),
	}))
	w.requireOut(t, other)
	w.mails(t)
	require.NoError(t, w.requestReset(t.Context(), ada))
	require.NoError(t, w.completeReset(t.Context(), w.mailedToken(t, ada, "reset"), password))
	w.mails(t)
	require.NoError(t, w.complete(t, w.requestChange(t, w.caller(t, w.enterAgain(t)), bob)))

	o := w.operator()
	require.NoError(t, o.SetEmail(t.Context(), bob, ada))
	require.NoError(t, o.SetPassword(t.Context(), ada, domain.NewPassword(newPassword)))
	_, err := o.Suspend(t.Context(), ada)
	require.NoError(t, err)
	require.NoError(t, o.Restore(t.Context(), ada))
	_, err = o.EndSessions(t.Context(), ada)
	require.NoError(t, err)
	require.NoError(t, w.auth.DeleteAccount(t.Context(), w.caller(t, w.enterWith(t, newPassword))))
}
