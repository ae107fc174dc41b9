package domaintest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var hiddenCases = []storeCase{
	{"only its owner can see a hidden post, and no list has it", hiddenFromAll},
	{"a post that is shown again is as it was", hiddenAndShown},
	{"nobody can vote for a hidden post, and its votes stay", hiddenVotes},
	{"an edit leaves a hidden post hidden", hiddenEdited},
	{"an edit that began before a post was hidden leaves it hidden", editThenHide},
	{"only a post that exists can be hidden", hideNothing},
}

func setHidden(t *testing.T, s domain.Store, p domain.Post, hidden bool) {
	t.Helper()
	for range 2 {
		require.NoError(t, s.Posts().SetHidden(t.Context(), p.ID, hidden))
	}
}

// requireHidden requires that only the owner can see the post, as given, and that no list and no search has it.
func requireHidden(t *testing.T, s domain.Store, want domain.Post) {
	t.Helper()
	want.Hidden = true
	stranger := domain.Viewer{UserID: want.OwnerID + 1_000_000}
	found, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: want.OwnerID}, want.ID)
	require.NoError(t, err)
	require.Equal(t, want, found)
	for _, viewer := range []domain.Viewer{{}, stranger} {
		_, err := s.Posts().Visible(t.Context(), viewer, want.ID)
		require.ErrorIs(t, err, domain.ErrPostNotFound)
	}
	draft, listed := false, true
	for _, published := range []*bool{nil, &draft, &listed} {
		for _, newer := range []bool{false, true} {
			require.NotContains(t, idsOf(owned(t, s, domain.OwnPostRange{Owner: want.OwnerID, Published: published, Newer: newer})), want.ID)
		}
	}
	for _, viewer := range []domain.Viewer{{}, {UserID: want.OwnerID}, stranger} {
		for _, author := range []domain.UserID{0, want.OwnerID} {
			for _, newer := range []bool{false, true} {
				for _, query := range []string{"", "title"} {
					within := anywhere
					within.Viewer, within.Author, within.Newer = viewer, author, newer
					within.Search, _ = domain.ParseSearch(query)
					require.NotContains(t, idsOf(published(t, s, within)), want.ID)
				}
			}
		}
	}
}

func idsOf(posts []domain.Post) (ids []domain.PostID) {
	for _, post := range posts {
		ids = append(ids, post.ID)
	}
	return ids
}

func hiddenFromAll(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	other, post := newPost(t, s, user.ID, "other"), newPost(t, s, user.ID, "text")
	require.NoError(t, s.Votes().Add(t.Context(), post.ID, user.ID))
	post.Votes, post.Voted = 1, true
	setHidden(t, s, post, true)
	requireHidden(t, s, post)
	require.Equal(t, []domain.Post{other}, hits(t, s, "title"))
	require.Equal(t, []domain.Post{other}, owned(t, s, domain.OwnPostRange{Owner: user.ID}))
	all, err := s.Posts().AllOf(t.Context(), user.ID, other.ID, 10)
	require.NoError(t, err)
	hidden := post
	hidden.Hidden = true
	require.Equal(t, []domain.Post{hidden}, all)
	require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		require.Equal(t, []domain.Post{other}, hits(t, tx, "title"))
		return tx.Posts().SetHidden(t.Context(), post.ID, false)
	}))
	requireStored(t, s, post)
}

func hiddenAndShown(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	unpublished, err := s.Posts().Insert(t.Context(), draft(user.ID, "A title", "a draft"))
	require.NoError(t, err)
	for _, post := range []domain.Post{newPost(t, s, user.ID, "text"), unpublished} {
		setHidden(t, s, post, true)
		requireHidden(t, s, post)
		setHidden(t, s, post, false)
		requireStored(t, s, post)
		require.Equal(t, post.Published, len(hits(t, s, "title")) == 1)
		require.NoError(t, s.Posts().Delete(t.Context(), post.ID, user.ID, post.Version))
	}
}

func hiddenVotes(t *testing.T, s domain.Store) {
	owner, voter := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	post := newPost(t, s, owner.ID, "text")
	for _, user := range []domain.UserID{owner.ID, voter.ID} {
		require.NoError(t, s.Votes().Add(t.Context(), post.ID, user))
	}
	setHidden(t, s, post, true)
	for _, user := range []domain.UserID{owner.ID, voter.ID} {
		require.ErrorIs(t, s.Votes().Add(t.Context(), post.ID, user), domain.ErrPostNotFound)
		require.ErrorIs(t, s.Votes().Remove(t.Context(), post.ID, user), domain.ErrPostNotFound)
	}
	require.EqualValues(t, 2, votesOf(t, s, post))
	setHidden(t, s, post, false)
	require.NoError(t, s.Votes().Remove(t.Context(), post.ID, voter.ID))
	require.EqualValues(t, 1, votesOf(t, s, post))
}

func hiddenEdited(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	post := newPost(t, s, user.ID, "text")
	setHidden(t, s, post, true)
	for _, published := range []bool{false, true, false, true} {
		post.Published, post.Content = published, post.Content+"+"
		edited, err := s.Posts().Update(t.Context(), post)
		require.NoError(t, err)
		post.Version++
		post.Hidden = true
		require.Equal(t, post, edited)
		requireHidden(t, s, post)
	}
	setHidden(t, s, post, false)
	post.Hidden = false
	requireStored(t, s, post)
	require.Equal(t, []domain.Post{post}, hits(t, s, "title"))
	setHidden(t, s, post, true)
	require.NoError(t, s.Posts().Delete(t.Context(), post.ID, user.ID, post.Version))
	_, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: user.ID}, post.ID)
	require.ErrorIs(t, err, domain.ErrPostNotFound)
}

// editThenHide hides a post while a transaction that has read it is open. Either the transaction starts again, or the post is
// hidden after it.
func editThenHide(t *testing.T, s domain.Store) {
	user, p := newUser(t, s, "ada@example.org"), newPause()
	post := newPost(t, s, user.ID, "text")
	edited := start(func() error {
		return s.InTx(t.Context(), func(tx domain.Repositories) error {
			read, err := tx.Posts().Visible(t.Context(), domain.Viewer{UserID: user.ID}, post.ID)
			if err != nil {
				return err
			}
			p.hold()
			read.Content, read.UpdatedAt = "edited", moment.Add(time.Second)
			_, err = tx.Posts().Update(t.Context(), read)
			return err
		})
	})
	hidden := p.during(t, func() error { return s.Posts().SetHidden(t.Context(), post.ID, true) })
	require.NoError(t, wait(t, edited))
	require.NoError(t, wait(t, hidden))
	post.Content, post.UpdatedAt, post.Version = "edited", moment.Add(time.Second), 2
	requireHidden(t, s, post)
}

func hideNothing(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	deleted, orphan := newPost(t, s, user.ID, "text"), newPost(t, s, user.ID, "text")
	require.NoError(t, s.Posts().Delete(t.Context(), deleted.ID, user.ID, deleted.Version))
	require.NoError(t, s.Users().Delete(t.Context(), user.ID, moment))
	for _, id := range []domain.PostID{deleted.ID, orphan.ID, orphan.ID + 1} {
		for _, hidden := range []bool{true, false} {
			require.ErrorIs(t, s.Posts().SetHidden(t.Context(), id, hidden), domain.ErrPostNotFound)
		}
	}
}
