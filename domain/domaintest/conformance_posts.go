package domaintest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var postCases = []storeCase{
	{"a post is read as it was inserted", postRoundTrip},
	{"a draft is read as it was inserted", draftRoundTrip},
	{"text is read exactly as it was inserted", textRoundTrip},
	{"a post has an owner", postOfNobody},
	{"an unknown post is not found", unknownPost},
	{"only its owner can see a draft", postsVisible},
	{"only its owner can delete a post", deleteByOwner},
	{"an identifier is never reused", idsNeverAgain},
}

func postRoundTrip(t *testing.T, s domain.Store) {
	owner := newUser(t, s, "ada@example.org")
	published := moment.Add(time.Microsecond)
	want := domain.Post{
		OwnerID: owner.ID, Title: "A title", Content: "Some content.", Published: true, Version: 1,
		CreatedAt: moment, UpdatedAt: moment, PublishedAt: &published,
	}
	inserted, err := s.Posts().Insert(t.Context(), domain.NewPost{
		OwnerID: owner.ID, Title: "A title", Content: "Some content.", Published: true, CreatedAt: moment, PublishedAt: &published,
	})
	require.NoError(t, err)
	require.Positive(t, inserted.ID)
	require.LessOrEqual(t, inserted.ID, domain.PostID(domain.MaxID))
	want.ID = inserted.ID
	require.Equal(t, want, inserted)

	found, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: inserted.OwnerID}, inserted.ID)
	require.NoError(t, err)
	require.Equal(t, want, found)
	for _, at := range []time.Time{found.CreatedAt, found.UpdatedAt, *found.PublishedAt} {
		require.Equal(t, time.UTC, at.Location())
	}
}

func draft(owner domain.UserID, title, content string) domain.NewPost {
	return domain.NewPost{OwnerID: owner, Title: title, Content: content, CreatedAt: moment}
}

func draftRoundTrip(t *testing.T, s domain.Store) {
	owner := newUser(t, s, "ada@example.org")
	inserted, err := s.Posts().Insert(t.Context(), draft(owner.ID, "t", "c"))
	require.NoError(t, err)
	found, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: inserted.OwnerID}, inserted.ID)
	require.NoError(t, err)
	require.Equal(t, inserted, found)
	require.False(t, found.Published)
	require.Nil(t, found.PublishedAt)
	require.Nil(t, found.OwnerName)
}

func textRoundTrip(t *testing.T, s domain.Store) {
	owner := newUser(t, s, "ada@example.org")
	for _, c := range texts {
		title := string([]rune(strings.Repeat(c.text, domain.MaxTitle))[:domain.MaxTitle])
		content := string([]rune(strings.Repeat(c.text, domain.MaxContent))[:domain.MaxContent])
		inserted, err := s.Posts().Insert(t.Context(), draft(owner.ID, title, content))
		require.NoError(t, err, c.name)
		found, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: inserted.OwnerID}, inserted.ID)
		require.NoError(t, err, c.name)
		require.True(t, found.Title == title && found.Content == content, c.name)

		found.Title, found.Content = c.text, c.text
		updated, err := s.Posts().Update(t.Context(), found)
		require.NoError(t, err, c.name)
		require.Equal(t, []string{c.text, c.text}, []string{updated.Title, updated.Content}, c.name)
	}
}

func postOfNobody(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	inserted, err := s.Posts().Insert(t.Context(), publication(user.ID+1, "c", moment))
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	require.Zero(t, inserted)
	require.Empty(t, newestFirst(t, s))
}

func unknownPost(t *testing.T, s domain.Store) {
	post := newPost(t, s, newUser(t, s, "ada@example.org").ID, "c")
	for _, id := range []domain.PostID{0, -1, post.ID + 1, domain.MaxID} {
		found, err := s.Posts().Visible(t.Context(), domain.Viewer{}, id)
		require.ErrorIs(t, err, domain.ErrPostNotFound)
		require.Zero(t, found)
		require.ErrorIs(t, s.Posts().Delete(t.Context(), id, post.OwnerID, 1), domain.ErrPostNotFound)
	}
}

func postsVisible(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	public := newPost(t, s, ada.ID, "public")
	hidden, err := s.Posts().Insert(t.Context(), draft(ada.ID, "t", "c"))
	require.NoError(t, err)
	for _, viewer := range []domain.UserID{0, -1, bob.ID, ada.ID} {
		found, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: viewer}, public.ID)
		require.NoError(t, err)
		require.Equal(t, public, found)
		found, err = s.Posts().Visible(t.Context(), domain.Viewer{UserID: viewer}, hidden.ID)
		if viewer == ada.ID {
			require.NoError(t, err)
			require.Equal(t, hidden, found)
		} else {
			require.ErrorIs(t, err, domain.ErrPostNotFound)
			require.Zero(t, found)
		}
		for _, id := range []domain.PostID{0, -1, hidden.ID + 1, domain.MaxID} {
			_, err = s.Posts().Visible(t.Context(), domain.Viewer{UserID: viewer}, id)
			require.ErrorIs(t, err, domain.ErrPostNotFound)
		}
	}
}

func deleteByOwner(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	post, other := newPost(t, s, ada.ID, "one"), newPost(t, s, ada.ID, "another")
	require.ErrorIs(t, s.Posts().Delete(t.Context(), post.ID, bob.ID, 1), domain.ErrPostNotFound)
	require.Equal(t, []domain.Post{other, post}, newestFirst(t, s))

	require.NoError(t, s.Posts().Delete(t.Context(), post.ID, ada.ID, 1))
	_, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: post.OwnerID}, post.ID)
	require.ErrorIs(t, err, domain.ErrPostNotFound)
	require.ErrorIs(t, s.Posts().Delete(t.Context(), post.ID, ada.ID, 1), domain.ErrPostNotFound)
	require.Equal(t, []domain.Post{other}, newestFirst(t, s))
}

func idsNeverAgain(t *testing.T, s domain.Store) {
	owner := newUser(t, s, "ada@example.org")
	seen := map[domain.PostID]bool{}
	for range 5 {
		post := newPost(t, s, owner.ID, "c")
		require.NotContains(t, seen, post.ID)
		seen[post.ID] = true
		require.NoError(t, s.Posts().Delete(t.Context(), post.ID, owner.ID, 1))
	}
}
