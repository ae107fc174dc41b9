package domaintest

import (
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var txCases = []storeCase{
	{"a transaction commits if its function returns nil", txCommits},
	{"a transaction rolls back if its function returns an error, and returns that error", txRollsBack},
	{"a transaction rolls back if its function panics, and passes on the panic", txPanics},
	{"a transaction rolls back if its goroutine exits", txExits},
	{"a transaction reads its own writes", txReadsOwn},
	{"a transaction is not visible before its commit", txIsolated},
	{"a failed transaction does not affect earlier ones", txLeavesEarlier},
	{"calls in a transaction fail after its end", txEnded},
}

// insertAll inserts one row of each kind and returns the user and the post.
func insertAll(t *testing.T, tx domain.Repositories) (domain.User, domain.Post) {
	t.Helper()
	user := newUser(t, tx, "ada@example.org")
	require.NoError(t, tx.Sessions().Insert(t.Context(), newSession(user.ID, "hash of ada@example.org")))
	return user, newPost(t, tx, user.ID, "c")
}

// requireNothing checks that nothing of insertAll was stored, and that the store still works.
func requireNothing(t *testing.T, s domain.Store) {
	t.Helper()
	_, err := s.Users().Credential(t.Context(), "ada@example.org")
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	require.Empty(t, newestFirst(t, s))
	require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		insertAll(t, tx)
		return nil
	}))
}

func txCommits(t *testing.T, s domain.Store) {
	var user domain.User
	var post domain.Post
	require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		user, post = insertAll(t, tx)
		return nil
	}))
	found, err := s.Users().ByID(t.Context(), user.ID)
	require.NoError(t, err)
	require.Equal(t, user, found)
	require.Equal(t, []domain.Post{post}, newestFirst(t, s))
}

func txRollsBack(t *testing.T, s domain.Store) {
	for _, failure := range []error{errors.New("boom"), domain.ErrNotPostOwner} {
		err := s.InTx(t.Context(), func(tx domain.Repositories) error {
			insertAll(t, tx)
			return failure
		})
		require.Same(t, failure, err)
	}
	requireNothing(t, s)
}

func txPanics(t *testing.T, s domain.Store) {
	value := &struct{ reason string }{"boom"}
	require.PanicsWithValue(t, value, func() {
		_ = s.InTx(t.Context(), func(tx domain.Repositories) error {
			insertAll(t, tx)
			panic(value)
		})
	})
	requireNothing(t, s)
}

// A test that fails inside a transaction ends its goroutine this way.
func txExits(t *testing.T, s domain.Store) {
	ended := make(chan bool, 1)
	go func() {
		returned := false
		defer func() { ended <- returned }()
		_ = s.InTx(t.Context(), func(tx domain.Repositories) error {
			insertAll(t, tx)
			runtime.Goexit()
			return nil
		})
		returned = true
	}()
	require.False(t, wait(t, ended))
	requireNothing(t, s)
}

func txReadsOwn(t *testing.T, s domain.Store) {
	require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		user, post := insertAll(t, tx)
		found, err := tx.Users().ByID(t.Context(), user.ID)
		require.NoError(t, err)
		require.Equal(t, user, found)
		page, err := tx.Posts().Published(t.Context(), anywhere)
		require.NoError(t, err)
		require.Equal(t, []domain.Post{post}, page)
		require.NoError(t, tx.Posts().Delete(t.Context(), post.ID, user.ID, post.Version))
		_, err = tx.Posts().Visible(t.Context(), domain.Viewer{UserID: post.OwnerID}, post.ID)
		require.ErrorIs(t, err, domain.ErrPostNotFound)
		return nil
	}))
}

func txIsolated(t *testing.T, s domain.Store) {
	post := newPost(t, s, newUser(t, s, "bob@example.org").ID, "before")
	require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		user := newUser(t, tx, "ada@example.org")
		changed := post
		changed.Content = "after"
		_, err := tx.Posts().Update(t.Context(), changed)
		require.NoError(t, err)

		_, err = s.Users().ByID(t.Context(), user.ID)
		require.ErrorIs(t, err, domain.ErrUserNotFound)
		require.Equal(t, []domain.Post{post}, newestFirst(t, s))
		return nil
	}))
	require.Equal(t, "after", newestFirst(t, s)[0].Content)
}

func txLeavesEarlier(t *testing.T, s domain.Store) {
	post := newPost(t, s, newUser(t, s, "bob@example.org").ID, "before")
	err := s.InTx(t.Context(), func(tx domain.Repositories) error {
		return tx.Posts().Delete(t.Context(), post.ID, post.OwnerID, post.Version)
	})
	require.NoError(t, err)
	failure := errors.New("boom")
	require.Same(t, failure, s.InTx(t.Context(), func(tx domain.Repositories) error {
		newPost(t, tx, post.OwnerID, "again")
		return failure
	}))
	require.Empty(t, newestFirst(t, s))
}

func txEnded(t *testing.T, s domain.Store) {
	var kept domain.Repositories
	require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		kept = tx
		return nil
	}))
	_, err := kept.Users().Insert(t.Context(), domain.NewUser{Email: "ada@example.org", PasswordHash: "hash", CreatedAt: moment})
	require.Error(t, err)
	_, err = kept.Posts().Visible(t.Context(), domain.Viewer{}, 1)
	require.Error(t, err)
	require.NotErrorIs(t, err, domain.ErrPostNotFound)
	requireNothing(t, s)
}
