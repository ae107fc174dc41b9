package domaintest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var suspensionCases = []storeCase{
	{"a suspended account gets no session until it is restored", suspendedAccount},
	{"only an account that exists can be suspended", suspendNobody},
	{"a login that begins before a suspension does not outlive it", loginThen(suspend)},
	{"a login that begins during a suspension does not outlive it", loginDuring(suspend)},
	{"a login that a suspension has not seen does not outlive it", loginUnseenBy(suspend)},
}

func isSuspended(t *testing.T, s domain.Store, user domain.User) bool {
	t.Helper()
	known, err := s.Users().CredentialByID(t.Context(), user.ID)
	require.NoError(t, err)
	byEmail, err := s.Users().Credential(t.Context(), user.Email)
	require.NoError(t, err)
	require.Equal(t, known, byEmail)
	require.Equal(t, oldHash, known.PasswordHash)
	return known.Suspended
}

func suspendedAccount(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	post := newPost(t, s, user.ID, "text")
	require.False(t, isSuspended(t, s, user))
	for range 2 {
		require.NoError(t, s.Users().SetSuspended(t.Context(), user.ID, &post.CreatedAt))
		require.True(t, isSuspended(t, s, user))
		require.ErrorIs(t, s.Sessions().Insert(t.Context(), newSession(user.ID, oldHash)), domain.ErrPasswordChanged)
	}
	require.Empty(t, live(t, s, user.ID))
	found, err := s.Users().ByID(t.Context(), user.ID)
	require.NoError(t, err)
	require.Equal(t, user, found)
	requireStored(t, s, post)
	for range 2 {
		require.NoError(t, s.Users().SetSuspended(t.Context(), user.ID, nil))
		require.False(t, isSuspended(t, s, user))
	}
	openSession(t, s, user)
}

func suspendNobody(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	require.ErrorIs(t, s.Users().SetSuspended(t.Context(), user.ID+1, &user.CreatedAt), domain.ErrUserNotFound)
	require.False(t, isSuspended(t, s, user))
	require.NoError(t, s.Users().Delete(t.Context(), user.ID, moment))
	require.ErrorIs(t, s.Users().SetSuspended(t.Context(), user.ID, &user.CreatedAt), domain.ErrUserNotFound)
}

// suspend runs the store's part of a suspension. It calls hooks after it has read the user and after it has suspended the
// account.
func suspend(t *testing.T, s domain.Store, user domain.UserID, hasRead, hasWritten func()) error {
	return s.InTx(t.Context(), func(tx domain.Repositories) error {
		if _, err := tx.Users().ByID(t.Context(), user); err != nil {
			return err
		}
		hasRead()
		at := moment
		if err := tx.Users().SetSuspended(t.Context(), user, &at); err != nil {
			return err
		}
		hasWritten()
		_, err := tx.Sessions().EndAll(t.Context(), user, "", moment)
		return err
	})
}
