package domaintest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var userCases = []storeCase{
	{"a user is read as it was inserted", userRoundTrip},
	{"a password hash is read as it was inserted", hashRoundTrip},
	{"an unknown user is not found", unknownUser},
	{"an address is taken in all its spellings", emailTaken},
	{"a failed insert of a user has no effect", refusedUser},
	{"a password hash is replaced only if it is the old one", hashSwap},
	{"a renamed user has the new name, also on posts", userRenamed},
}

func userRoundTrip(t *testing.T, s domain.Store) {
	last := time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	for _, at := range []time.Time{moment, time.UnixMicro(-1).UTC(), time.UnixMicro(0).UTC(), last} {
		email := domain.Email("Ada." + at.Format("2006") + "@Example.ORG")
		inserted, err := s.Users().Insert(t.Context(), domain.NewUser{Email: email, PasswordHash: "hash", CreatedAt: at})
		require.NoError(t, err)
		require.Equal(t, domain.User{ID: inserted.ID, Email: email, CreatedAt: at}, inserted)
		require.Positive(t, inserted.ID)
		require.LessOrEqual(t, inserted.ID, domain.UserID(domain.MaxID))

		found, err := s.Users().ByID(t.Context(), inserted.ID)
		require.NoError(t, err)
		require.Equal(t, inserted, found)
		require.Equal(t, time.UTC, found.CreatedAt.Location())
	}
}

func hashRoundTrip(t *testing.T, s domain.Store) {
	user := newUser(t, s, "Ada@Example.org")
	for _, email := range []domain.Email{"Ada@Example.org", "ada@example.org", "ADA@EXAMPLE.ORG"} {
		credential, err := s.Users().Credential(t.Context(), email)
		require.NoError(t, err)
		require.Equal(t, domain.Credential{UserID: user.ID, PasswordHash: "hash of Ada@Example.org"}, credential)
		credential, err = s.Users().CredentialByID(t.Context(), user.ID)
		require.NoError(t, err)
		require.Equal(t, domain.Credential{UserID: user.ID, PasswordHash: "hash of Ada@Example.org"}, credential)
	}
}

func unknownUser(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	for _, id := range []domain.UserID{0, -1, user.ID + 1, domain.MaxID} {
		found, err := s.Users().ByID(t.Context(), id)
		require.ErrorIs(t, err, domain.ErrUserNotFound)
		require.Zero(t, found)
		credential, err := s.Users().CredentialByID(t.Context(), id)
		require.ErrorIs(t, err, domain.ErrUserNotFound)
		require.Zero(t, credential)
		renamed, err := s.Users().Rename(t.Context(), id, nil)
		require.ErrorIs(t, err, domain.ErrUserNotFound)
		require.Zero(t, renamed)
	}
	for _, email := range []domain.Email{"bob@example.org", "ada@example.com", "a%@example.org", ""} {
		credential, err := s.Users().Credential(t.Context(), email)
		require.ErrorIs(t, err, domain.ErrUserNotFound)
		require.Zero(t, credential)
	}
}

func emailTaken(t *testing.T, s domain.Store) {
	newUser(t, s, "ada@bücher.example")
	for _, email := range []domain.Email{"ada@bücher.example", "ADA@BÜCHER.example", "ada@xn--bcher-kva.example"} {
		inserted, err := s.Users().Insert(t.Context(), domain.NewUser{Email: email, PasswordHash: "hash", CreatedAt: moment})
		require.ErrorIs(t, err, domain.ErrEmailTaken)
		require.Zero(t, inserted)
	}
	newUser(t, s, "ada@bucher.example")
}

func refusedUser(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	_, err := s.Users().Insert(t.Context(), domain.NewUser{Email: "ADA@example.org", PasswordHash: "another", CreatedAt: moment})
	require.ErrorIs(t, err, domain.ErrEmailTaken)

	found, err := s.Users().ByID(t.Context(), user.ID)
	require.NoError(t, err)
	require.Equal(t, user, found)
	require.Equal(t, "hash of ada@example.org", hashOf(t, s, "ada@example.org"))
}

func hashSwap(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	for _, step := range []struct {
		name     string
		id       domain.UserID
		old, new string
		want     bool
		kept     string
	}{
		{"another hash", ada.ID, "hash of bob@example.org", "new", false, "hash of ada@example.org"},
		{"the same hash in capitals", ada.ID, "HASH OF ada@example.org", "new", false, "hash of ada@example.org"},
		{"nobody", bob.ID + 1, "hash of ada@example.org", "new", false, "hash of ada@example.org"},
		{"the hash", ada.ID, "hash of ada@example.org", "new", true, "new"},
		{"the hash, again", ada.ID, "hash of ada@example.org", "newer", false, "new"},
		{"the new hash", ada.ID, "new", "newer", true, "newer"},
	} {
		swapped, err := s.Users().UpdatePasswordHash(t.Context(), step.id, step.old, step.new)
		require.NoError(t, err, step.name)
		require.Equal(t, step.want, swapped, step.name)
		require.Equal(t, step.kept, hashOf(t, s, "ada@example.org"), step.name)
	}
	require.Equal(t, "hash of bob@example.org", hashOf(t, s, "bob@example.org"))
}

func userRenamed(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	post := newPost(t, s, ada.ID, "c")
	for _, c := range append(texts, struct{ name, text string }{name: "no name"}) {
		ada.Name = &c.text
		if c.text == "" {
			ada.Name = nil
		}
		post.OwnerName = ada.Name
		renamed, err := s.Users().Rename(t.Context(), ada.ID, ada.Name)
		require.NoError(t, err)
		require.Equal(t, ada, renamed, c.name)
		found, err := s.Users().ByID(t.Context(), ada.ID)
		require.NoError(t, err)
		require.Equal(t, ada, found, c.name)
		requireStored(t, s, post)
		require.Equal(t, []domain.Post{post}, newestFirst(t, s))
	}
	found, err := s.Users().ByID(t.Context(), bob.ID)
	require.NoError(t, err)
	require.Equal(t, bob, found)
}

func hashOf(t *testing.T, s domain.Store, email domain.Email) string {
	t.Helper()
	credential, err := s.Users().Credential(t.Context(), email)
	require.NoError(t, err)
	return credential.PasswordHash
}
