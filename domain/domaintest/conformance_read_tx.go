package domaintest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var readTxCases = []storeCase{
	{"a reading transaction sees the store at one moment", readTxIsConsistent},
	{"reading transactions neither wait for writes nor delay them", readTxBesideWrites},
	{"a reading transaction cannot write", readTxOnlyReads},
	{"a reading transaction returns the error of its function, and passes on a panic", readTxFails},
	{"a reading transaction ends with its function and with its context", readTxEnds},
	{"a user's votes are listed by post, as far as the user may see the posts", votesListed},
}

// seen is a user's data as a transaction reads it.
type seen struct {
	User     domain.User
	Posts    []domain.Post
	Votes    []domain.PostID
	Sessions []domain.Session
	Epoch    domain.Epoch
}

func look(t *testing.T, r domain.Repositories, user domain.UserID) (s seen) {
	t.Helper()
	var err error
	s.User, err = r.Users().ByID(t.Context(), user)
	require.NoError(t, err)
	s.Posts, err = r.Posts().AllOf(t.Context(), user, 0, domain.MaxPageLimit)
	require.NoError(t, err)
	s.Votes, err = r.Posts().VotedBy(t.Context(), user, 0, domain.MaxPageLimit)
	require.NoError(t, err)
	s.Sessions, err = r.Sessions().Live(t.Context(), user, moment, domain.MaxSessions)
	require.NoError(t, err)
	s.Epoch, err = r.Epoch(t.Context())
	require.NoError(t, err)
	return s
}

func readTxIsConsistent(t *testing.T, s domain.Store) {
	user, post := insertAll(t, s)
	require.NoError(t, s.Votes().Add(t.Context(), post.ID, user.ID))
	before := look(t, s, user.ID)
	require.NoError(t, s.ReadTx(t.Context(), func(tx domain.Repositories) error {
		_, err := tx.Users().ByID(t.Context(), user.ID) // the first read sets the moment
		require.NoError(t, err)
		_, err = s.Users().Rename(t.Context(), user.ID, new("Ada"))
		require.NoError(t, err)
		newPost(t, s, user.ID, "later")
		require.NoError(t, s.Votes().Remove(t.Context(), post.ID, user.ID))
		require.Equal(t, before, look(t, tx, user.ID))

		_, err = s.Sessions().EndAll(t.Context(), user.ID, "", moment)
		require.NoError(t, err)
		require.NoError(t, s.Posts().Delete(t.Context(), post.ID, user.ID, post.Version))
		_, err = s.NewEpoch(t.Context(), domain.OperatorAction{})
		require.NoError(t, err)
		require.NoError(t, s.Users().Delete(t.Context(), user.ID, moment))
		for n := 1; n > 0; {
			n, err = s.Users().Purge(t.Context(), 100)
			require.NoError(t, err)
		}
		require.Equal(t, before, look(t, tx, user.ID))
		return nil
	}))
	_, err := s.Users().ByID(t.Context(), user.ID)
	require.ErrorIs(t, err, domain.ErrUserNotFound)
}

func readTxBesideWrites(t *testing.T, s domain.Store) {
	user, _ := insertAll(t, s)
	require.NoError(t, s.InTx(t.Context(), func(writing domain.Repositories) error {
		_, err := writing.Users().Rename(t.Context(), user.ID, new("Ada"))
		require.NoError(t, err)
		return s.ReadTx(t.Context(), func(outer domain.Repositories) error {
			require.Nil(t, look(t, outer, user.ID).User.Name)
			return s.ReadTx(t.Context(), func(inner domain.Repositories) error {
				require.Equal(t, look(t, outer, user.ID), look(t, inner, user.ID))
				return nil
			})
		})
	}))
}

func readTxOnlyReads(t *testing.T, s domain.Store) {
	user, post := insertAll(t, s)
	require.NoError(t, s.ReadTx(t.Context(), func(tx domain.Repositories) error {
		_, err := tx.Users().Rename(t.Context(), user.ID, new("Ada"))
		require.Error(t, err)
		_, err = tx.Posts().Insert(t.Context(), publication(user.ID, "c", moment))
		require.Error(t, err)
		require.Error(t, tx.Posts().Delete(t.Context(), post.ID, user.ID, post.Version))
		_, err = tx.Sessions().EndAll(t.Context(), user.ID, "", moment)
		require.Error(t, err)
		require.Equal(t, []domain.Post{post}, look(t, tx, user.ID).Posts) // an attempt to write does no harm
		return nil
	}))
	require.Equal(t, []domain.Post{post}, newestFirst(t, s))
}

func readTxFails(t *testing.T, s domain.Store) {
	for _, failure := range []error{errors.New("boom"), domain.ErrNotPostOwner} {
		require.Same(t, failure, s.ReadTx(t.Context(), func(domain.Repositories) error { return failure }))
	}
	value := &struct{ reason string }{"boom"}
	require.PanicsWithValue(t, value, func() {
		_ = s.ReadTx(t.Context(), func(domain.Repositories) error { panic(value) })
	})
	requireNothing(t, s)
}

func readTxEnds(t *testing.T, s domain.Store) {
	user, _ := insertAll(t, s)
	var kept domain.Repositories
	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, s.ReadTx(ctx, func(tx domain.Repositories) error {
		kept = tx
		cancel()
		_, err := tx.Users().ByID(ctx, user.ID)
		return err
	}), context.Canceled)
	require.ErrorIs(t, s.ReadTx(ctx, func(domain.Repositories) error { return nil }), context.Canceled)
	_, err := kept.Users().ByID(t.Context(), user.ID)
	require.Error(t, err)
	require.NotErrorIs(t, err, domain.ErrUserNotFound)
}

// votesListed has a user vote for own and other posts, some of which disappear from the user's view.
func votesListed(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	eve := newUser(t, s, "eve@example.org")
	var want []domain.PostID
	for i := range 7 {
		post := newPost(t, s, bob.ID, "c")
		if i == 6 {
			post = newPost(t, s, eve.ID, "c")
		}
		require.NoError(t, s.Votes().Add(t.Context(), post.ID, ada.ID))
		require.NoError(t, s.Votes().Add(t.Context(), post.ID, bob.ID))
		switch i {
		case 1:
			require.NoError(t, s.Posts().Delete(t.Context(), post.ID, bob.ID, post.Version))
		case 3:
			post.Published = false
			_, err := s.Posts().Update(t.Context(), post)
			require.NoError(t, err)
		case 6:
			require.NoError(t, s.Users().Delete(t.Context(), eve.ID, moment))
		default:
			want = append(want, post.ID)
		}
	}
	draft := publication(ada.ID, "c", moment)
	draft.Published, draft.PublishedAt = false, nil
	own, err := s.Posts().Insert(t.Context(), draft)
	require.NoError(t, err)
	require.NoError(t, s.Votes().Add(t.Context(), own.ID, ada.ID))
	want = append(want, own.ID)

	for _, c := range []struct {
		after domain.PostID
		limit int
		want  []domain.PostID
	}{{0, 100, want}, {0, 2, want[:2]}, {want[1], 2, want[2:4]}, {want[4], 100, nil}, {0, 0, nil}, {0, -1, nil}} {
		ids, err := s.Posts().VotedBy(t.Context(), ada.ID, c.after, c.limit)
		require.NoError(t, err)
		require.Equal(t, len(c.want), len(ids))
		for i, id := range c.want {
			require.Equal(t, id, ids[i])
		}
	}
}
