package domaintest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var sessionCases = []storeCase{
	{"a session is opened with the hash that was verified", sessionOpened},
	{"a session is not opened after a password change", sessionOutrun},
	{"a session is not opened for nobody", sessionOfNobody},
	{"a session identifier is never used again", sessionTwice},
	{"a session takes any client", sessionClients},
}

func newSession(user domain.UserID, hash string) domain.NewSession {
	return domain.NewSession{ID: domain.NewSessionID(), UserID: user, PasswordHash: hash, CreatedAt: moment}
}

func sessionOpened(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	for range 3 {
		require.NoError(t, s.Sessions().Insert(t.Context(), newSession(user.ID, "hash of ada@example.org")))
	}
}

func sessionOutrun(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	swapped, err := s.Users().UpdatePasswordHash(t.Context(), user.ID, "hash of ada@example.org", "new")
	require.NoError(t, err)
	require.True(t, swapped)
	err = s.Sessions().Insert(t.Context(), newSession(user.ID, "hash of ada@example.org"))
	require.ErrorIs(t, err, domain.ErrPasswordChanged)
	require.NoError(t, s.Sessions().Insert(t.Context(), newSession(user.ID, "new")))
}

func sessionOfNobody(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	err := s.Sessions().Insert(t.Context(), newSession(user.ID+1, "hash of ada@example.org"))
	require.ErrorIs(t, err, domain.ErrPasswordChanged)
}

func sessionTwice(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	session := newSession(ada.ID, "hash of ada@example.org")
	require.NoError(t, s.Sessions().Insert(t.Context(), session))
	session.UserID, session.PasswordHash = bob.ID, "hash of bob@example.org"
	require.Error(t, s.Sessions().Insert(t.Context(), session))
}

func sessionClients(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	for _, c := range texts {
		session := newSession(user.ID, "hash of ada@example.org")
		session.Client = domain.Client{IP: "2001:db8::1", UserAgent: c.text}
		require.NoError(t, s.Sessions().Insert(t.Context(), session), c.name)
	}
}
