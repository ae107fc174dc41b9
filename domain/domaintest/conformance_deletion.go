package domaintest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

var deletionCases = []storeCase{
	{"a deleted user is not found", deletedUnknown},
	{"a deleted user's posts are not found", deletedPosts},
	{"a deleted user's sessions are not found, and can be ended", deletedSessions},
	{"a deleted user's address is free", deletedAddress},
	{"a deletion is rolled back with its transaction", deletionRolledBack},
	{"a purge deletes the rows of deleted users in batches", deletedPurged},
	{"a popular post or account disappears at once, and a purge deletes it in batches", popularPurged},
}

func deleteUser(t *testing.T, r domain.Repositories, user domain.User) {
	t.Helper()
	require.NoError(t, r.Users().Delete(t.Context(), user.ID, moment))
}

func deletedUnknown(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	deleteUser(t, s, ada)
	users, name := s.Users(), "Ada"
	for what, err := range map[string]error{
		"ByID":           second(users.ByID(t.Context(), ada.ID)),
		"Credential":     second(users.Credential(t.Context(), ada.Email)),
		"CredentialByID": second(users.CredentialByID(t.Context(), ada.ID)),
		"Rename":         second(users.Rename(t.Context(), ada.ID, &name)),
		"Delete":         users.Delete(t.Context(), ada.ID, moment),
		"of nobody":      users.Delete(t.Context(), bob.ID+1, moment),
	} {
		require.ErrorIs(t, err, domain.ErrUserNotFound, what)
	}
	for _, hash := range []string{oldHash, ""} {
		swapped, err := users.UpdatePasswordHash(t.Context(), ada.ID, hash, "new")
		require.NoError(t, err)
		require.False(t, swapped)
	}
	found, err := users.ByID(t.Context(), bob.ID)
	require.NoError(t, err)
	require.Equal(t, bob, found)
	require.Equal(t, "hash of bob@example.org", hashOf(t, s, bob.Email))
}

func second[T any](_ T, err error) error { return err }

func deletedPosts(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	gone, stays := newPost(t, s, ada.ID, "gone"), newPost(t, s, bob.ID, "stays")
	unpublished, err := s.Posts().Insert(t.Context(), draft(ada.ID, "t", "c"))
	require.NoError(t, err)
	deleteUser(t, s, ada)
	for _, post := range []domain.Post{gone, unpublished} {
		for what, err := range map[string]error{
			"Visible": second(s.Posts().Visible(t.Context(), domain.Viewer{UserID: ada.ID}, post.ID)),
			"Update":  second(s.Posts().Update(t.Context(), post)),
			"Delete":  s.Posts().Delete(t.Context(), post.ID, ada.ID, post.Version),
		} {
			require.ErrorIs(t, err, domain.ErrPostNotFound, what)
		}
	}
	for _, newer := range []bool{false, true} {
		require.Equal(t, []domain.Post{stays}, published(t, s, domain.PostRange{Newer: newer}))
		require.Empty(t, published(t, s, domain.PostRange{Newer: newer, Author: ada.ID}))
		require.Empty(t, owned(t, s, domain.OwnPostRange{Owner: ada.ID, Newer: newer}))
	}
	_, err = s.Posts().Insert(t.Context(), publication(ada.ID, "late", moment))
	require.ErrorIs(t, err, domain.ErrUserNotFound)
}

func deletedSessions(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	session, others := openSession(t, s, ada), openSession(t, s, bob)
	deleteUser(t, s, ada)
	_, err := s.Sessions().ByID(t.Context(), session.ID)
	require.ErrorIs(t, err, domain.ErrSessionNotFound)
	require.Empty(t, live(t, s, ada.ID))
	done, err := s.Sessions().Refresh(t.Context(), session, 0)
	require.NoError(t, err)
	require.False(t, done)
	for _, hash := range []string{oldHash, ""} {
		require.ErrorIs(t, s.Sessions().Insert(t.Context(), newSession(ada.ID, hash)), domain.ErrPasswordChanged)
	}

	ended, err := s.Sessions().EndAll(t.Context(), ada.ID, "", moment)
	require.NoError(t, err)
	require.Equal(t, []domain.SessionID{session.ID}, ended)
	for n := 1; n > 0; {
		n, err = s.Users().Purge(t.Context(), 10)
		require.NoError(t, err)
	}
	requireEnded(t, s, session.ID)
	requireAlive(t, s, others)
}

func deletedAddress(t *testing.T, s domain.Store) {
	var ids []domain.UserID
	for range 3 {
		user := newUser(t, s, "ada@example.org")
		require.NotContains(t, ids, user.ID)
		ids = append(ids, user.ID)
		credential, err := s.Users().Credential(t.Context(), "ADA@example.org")
		require.NoError(t, err)
		require.Equal(t, user.ID, credential.UserID)
		deleteUser(t, s, user)
	}
}

func deletionRolledBack(t *testing.T, s domain.Store) {
	user, failure := newUser(t, s, "ada@example.org"), errors.New("boom")
	post, session := newPost(t, s, user.ID, "c"), openSession(t, s, user)
	require.Same(t, failure, s.InTx(t.Context(), func(tx domain.Repositories) error {
		deleteUser(t, tx, user)
		_, err := tx.Users().ByID(t.Context(), user.ID)
		require.ErrorIs(t, err, domain.ErrUserNotFound)
		return failure
	}))
	found, err := s.Users().ByID(t.Context(), user.ID)
	require.NoError(t, err)
	require.Equal(t, user, found)
	requireStored(t, s, post)
	requireAlive(t, s, session)
	requirePurged(t, s, 0)
}

// requirePurged purges in batches of four until nothing is left, and checks that the batches processed at least so many rows.
func requirePurged(t *testing.T, s domain.Store, atLeast int) {
	t.Helper()
	total := 0
	for {
		n, err := s.Users().Purge(t.Context(), 4)
		require.NoError(t, err)
		require.LessOrEqual(t, n, 4)
		if total += n; n == 0 {
			break
		}
	}
	require.GreaterOrEqual(t, total, atLeast)
	if atLeast == 0 {
		require.Zero(t, total)
	}
}

// popularPurged deletes a post with many votes, and then an account that has posts, votes, and idempotency records.
func popularPurged(t *testing.T, s domain.Store) {
	users := newUsers(t, s, 9)
	ada, bob := users[0], users[1]
	removed, orphan, kept := newPost(t, s, ada.ID, "c"), newPost(t, s, ada.ID, "c"), newPost(t, s, bob.ID, "c")
	for _, user := range users {
		for _, post := range []domain.Post{removed, orphan, kept} {
			require.NoError(t, s.Votes().Add(t.Context(), post.ID, user.ID))
		}
	}
	for i := range 9 {
		record := domain.IdempotencyRecord{
			UserID: ada.ID, Key: fmt.Sprint(i), Fingerprint: "f", PostID: removed.ID, CreatedAt: moment, ExpiresAt: moment.Add(time.Hour),
		}
		require.NoError(t, s.Idempotency().Insert(t.Context(), record, moment, 0))
	}

	require.NoError(t, s.Posts().Delete(t.Context(), removed.ID, ada.ID, removed.Version))
	requireGone := func() {
		for _, viewer := range []domain.UserID{ada.ID, bob.ID} {
			require.ErrorIs(t, s.Votes().Add(t.Context(), removed.ID, viewer), domain.ErrPostNotFound)
			require.ErrorIs(t, s.Votes().Remove(t.Context(), removed.ID, viewer), domain.ErrPostNotFound)
		}
		for version := range domain.Version(3) {
			stale := removed
			stale.Version = version
			require.ErrorIs(t, second(s.Posts().Update(t.Context(), stale)), domain.ErrPostNotFound)
			require.ErrorIs(t, s.Posts().Delete(t.Context(), removed.ID, ada.ID, version), domain.ErrPostNotFound)
		}
		require.ErrorIs(t, second(s.Posts().Visible(t.Context(), domain.Viewer{UserID: removed.OwnerID}, removed.ID)), domain.ErrPostNotFound)
		isDraft, isListed := false, true
		require.Len(t, published(t, s, domain.PostRange{}), 2)
		require.Len(t, published(t, s, domain.PostRange{Search: search.Query{{Words: []string{"title"}}}}), 2)
		for _, state := range []*bool{nil, &isListed} {
			require.Len(t, owned(t, s, domain.OwnPostRange{Owner: ada.ID, Published: state, Limit: 1}), 1, "the page is full without the deleted post")
			require.Len(t, owned(t, s, domain.OwnPostRange{Owner: ada.ID, Published: state, Limit: 1, Newer: true}), 1)
		}
		require.Empty(t, owned(t, s, domain.OwnPostRange{Owner: ada.ID, Published: &isDraft}))
	}
	requireGone()
	_, err := s.Idempotency().Replay(t.Context(), ada.ID, "0", moment)
	require.NoError(t, err, "the original request is replayed")
	requirePurged(t, s, len(users)+1)
	requireGone()

	deleteUser(t, s, ada)
	require.EqualValues(t, len(users), votesOf(t, s, kept))
	requirePurged(t, s, len(users)+1+1+9+1)
	require.EqualValues(t, len(users)-1, votesOf(t, s, kept))
	require.Len(t, published(t, s, domain.PostRange{}), 1)
}

func deletedPurged(t *testing.T, s domain.Store) {
	stays := newUser(t, s, "stays@example.org")
	kept := newPost(t, s, stays.ID, "kept")
	session := openSession(t, s, stays)
	var last domain.User
	for i := range 3 {
		last = newUser(t, s, domain.Email(fmt.Sprintf("%d@example.org", i)))
		for j := range 2*i + 1 {
			post := publication(last.ID, "gone", moment.Add(time.Duration(j)*time.Microsecond))
			post.Published = j%2 == 0
			_, err := s.Posts().Insert(t.Context(), post)
			require.NoError(t, err)
		}
		deleteUser(t, s, last)
	}
	for _, limit := range []int{-1, 0} {
		n, err := s.Users().Purge(t.Context(), limit)
		require.NoError(t, err)
		require.Zero(t, n)
	}
	requirePurged(t, s, 1+3+5+3)
	require.Equal(t, []domain.Post{kept}, newestFirst(t, s))
	requireAlive(t, s, session)
	require.Greater(t, newUser(t, s, "new@example.org").ID, last.ID)
}
