package domaintest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var addressCases = []storeCase{
	{"an address is confirmed once", addressConfirmed},
	{"a confirmed address is read as it was inserted", confirmedUser},
	{"an address is changed", addressChanged},
	{"an address is not changed to one that is taken", addressTaken},
	{"an address that is taken during a change is taken", addressTakenMeanwhile},
	{"of many concurrent changes to one address one succeeds", addressChangedOnce},
	{"an address changes beside other writes of the user", addressBesideHash},
}

func userOf(t *testing.T, r domain.Repositories, id domain.UserID) domain.User {
	t.Helper()
	user, err := r.Users().ByID(t.Context(), id)
	require.NoError(t, err)
	return user
}

func addressConfirmed(t *testing.T, s domain.Store) {
	user := newUser(t, s, "Ada@example.org")
	verify := func(id domain.UserID, e domain.Email, at time.Time) bool {
		verified, err := s.Users().VerifyEmail(t.Context(), id, e, at)
		require.NoError(t, err)
		return verified
	}
	require.False(t, verify(user.ID, "bob@example.org", moment))
	require.False(t, verify(user.ID+1, "Ada@example.org", moment))
	require.Equal(t, user, userOf(t, s, user.ID))
	require.True(t, verify(user.ID, "ADA@example.org", moment))
	at := moment
	user.EmailVerifiedAt = &at
	require.Equal(t, user, userOf(t, s, user.ID))
	require.True(t, verify(user.ID, "ada@example.org", moment.Add(time.Hour)))
	require.Equal(t, user, userOf(t, s, user.ID), "the first time is kept")
	name := "Ada"
	renamed, err := s.Users().Rename(t.Context(), user.ID, &name)
	require.NoError(t, err)
	require.Equal(t, user.EmailVerifiedAt, renamed.EmailVerifiedAt)
	deleteUser(t, s, user)
	require.False(t, verify(user.ID, "ada@example.org", moment))
}

func confirmedUser(t *testing.T, s domain.Store) {
	at := moment.Add(-time.Microsecond)
	user, err := s.Users().Insert(t.Context(), domain.NewUser{
		Email: "ada@example.org", PasswordHash: "hash", CreatedAt: moment, EmailVerifiedAt: &at,
	})
	require.NoError(t, err)
	require.Equal(t, domain.User{ID: user.ID, Email: "ada@example.org", CreatedAt: moment, EmailVerifiedAt: &at}, user)
	require.Equal(t, user, userOf(t, s, user.ID))
}

func addressChanged(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	for i, email := range []domain.Email{"Ada@Example.org", "eve@bücher.example", "ada@example.org"} {
		at := moment.Add(time.Duration(i) * time.Second)
		require.NoError(t, s.Users().ChangeEmail(t.Context(), user.ID, email, at))
		user.Email, user.EmailVerifiedAt = email, &at
		require.Equal(t, user, userOf(t, s, user.ID))
		require.Equal(t, "hash of ada@example.org", hashOf(t, s, email))
	}
	newUser(t, s, "eve@xn--bcher-kva.example") // the former address is free
	require.ErrorIs(t, s.Users().ChangeEmail(t.Context(), user.ID+100, "new@example.org", moment), domain.ErrUserNotFound)
	deleteUser(t, s, user)
	require.ErrorIs(t, s.Users().ChangeEmail(t.Context(), user.ID, "new@example.org", moment), domain.ErrUserNotFound)
	newUser(t, s, "new@example.org")
}

func addressTaken(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	require.ErrorIs(t, s.Users().ChangeEmail(t.Context(), ada.ID, "BOB@example.org", moment), domain.ErrEmailTaken)
	require.ErrorIs(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		return tx.Users().ChangeEmail(t.Context(), ada.ID, bob.Email, moment)
	}), domain.ErrEmailTaken)
	require.Equal(t, ada, userOf(t, s, ada.ID))
	require.Equal(t, bob, userOf(t, s, bob.ID))
}

// addressTakenMeanwhile changes an address while a transaction with a new user of that address is open.
func addressTakenMeanwhile(t *testing.T, s domain.Store) {
	ada, p := newUser(t, s, "ada@example.org"), newPause()
	insert := start(func() error {
		return s.InTx(t.Context(), func(tx domain.Repositories) error {
			_, err := tx.Users().Insert(t.Context(), domain.NewUser{Email: "bob@example.org", PasswordHash: "hash of bob", CreatedAt: moment})
			p.hold()
			return err
		})
	})
	changed := p.during(t, func() error {
		return s.InTx(t.Context(), func(tx domain.Repositories) error {
			return tx.Users().ChangeEmail(t.Context(), ada.ID, "Bob@example.org", moment)
		})
	})
	require.NoError(t, wait(t, insert))
	require.ErrorIs(t, wait(t, changed), domain.ErrEmailTaken)
	require.Equal(t, ada, userOf(t, s, ada.ID))
	require.Equal(t, "hash of bob", hashOf(t, s, "bob@example.org"))
}

func addressChangedOnce(t *testing.T, s domain.Store) {
	const rivals = 8
	results := make(chan error, rivals)
	for i := range rivals {
		user := newUser(t, s, domain.Email(fmt.Sprintf("u%d@example.org", i)))
		go func() {
			results <- s.InTx(t.Context(), func(tx domain.Repositories) error {
				return tx.Users().ChangeEmail(t.Context(), user.ID, "new@example.org", moment)
			})
		}()
	}
	changed := 0
	for range rivals {
		if err := wait(t, results); err == nil {
			changed++
		} else {
			require.ErrorIs(t, err, domain.ErrEmailTaken)
		}
	}
	require.Equal(t, 1, changed)
}

// addressBesideHash changes an address while a transaction with a new password hash of the user is open.
func addressBesideHash(t *testing.T, s domain.Store) {
	user, p := newUser(t, s, "ada@example.org"), newPause()
	changed := start(func() error { return change(t, s, user.ID, noHook, p.hold) })
	moved := p.during(t, func() error {
		return s.InTx(t.Context(), func(tx domain.Repositories) error {
			if _, err := tx.Users().ByID(t.Context(), user.ID); err != nil {
				return err
			}
			return tx.Users().ChangeEmail(t.Context(), user.ID, "new@example.org", moment)
		})
	})
	require.NoError(t, errors.Join(wait(t, changed), wait(t, moved)))
	require.Equal(t, "changed", hashOf(t, s, "new@example.org"))
}
