package domain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var (
	published = domain.PostInput{Title: "A title", Content: "Some content", Published: true}
	draft     = domain.PostInput{Title: "A title", Content: "Some content"}
)

func (w *world) post(t testing.TB, author domain.UserID, in domain.PostInput) domain.Post {
	t.Helper()
	post, err := w.posts.Create(t.Context(), author, in, nil)
	require.NoError(t, err)
	return post.Post
}

// become returns an edit that replaces everything.
func become(in domain.PostInput) func(*domain.PostInput) {
	return func(post *domain.PostInput) { *post = in }
}

func TestWhoMaySeeAndChangeAPost(t *testing.T) {
	t.Parallel()
	type verdicts struct{ get, update, delete error }
	missing := verdicts{domain.ErrPostNotFound, domain.ErrPostNotFound, domain.ErrPostNotFound}
	readOnly := verdicts{nil, domain.ErrNotPostOwner, domain.ErrNotPostOwner}
	cases := map[string]map[string]verdicts{ // post, then viewer
		"published": {"anonymous": readOnly, "owner": {}, "another": readOnly},
		"draft":     {"anonymous": missing, "owner": {}, "another": missing},
		"withdrawn": {"anonymous": missing, "owner": {}, "another": missing},
		"unknown":   {"anonymous": missing, "owner": missing, "another": missing},
	}
	for state, viewers := range cases {
		for viewer, want := range viewers {
			t.Run(state+" post, "+viewer, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				owner, another := w.register(t, ada).ID, w.register(t, "eve@example.com").ID
				id := w.postInState(t, owner, state)
				who := map[string]domain.UserID{"anonymous": 0, "owner": owner, "another": another}[viewer]

				_, err := w.posts.Get(t.Context(), domain.Viewer{UserID: who}, id)
				require.Equal(t, want.get, err)
				_, err = w.posts.Update(t.Context(), who, id, nil, become(domain.PostInput{Title: "Changed", Content: "Changed", Published: true}))
				require.Equal(t, want.update, err)
				kept, err := w.store.Posts().Visible(t.Context(), domain.Viewer{UserID: owner}, id)
				require.Equal(t, want.update == nil, err == nil && kept.Title == "Changed")
				require.Equal(t, want.delete, w.posts.Delete(t.Context(), who, id, nil))
				_, err = w.store.Posts().Visible(t.Context(), domain.Viewer{UserID: owner}, id)
				require.Equal(t, want.delete == nil || state == "unknown", err != nil)
			})
		}
	}
}

func (w *world) postInState(t *testing.T, owner domain.UserID, state string) domain.PostID {
	t.Helper()
	switch state {
	case "published":
		return w.post(t, owner, published).ID
	case "draft":
		return w.post(t, owner, draft).ID
	case "withdrawn":
		id := w.post(t, owner, published).ID
		_, err := w.posts.Update(t.Context(), owner, id, nil, become(draft))
		require.NoError(t, err)
		return id
	}
	return w.post(t, owner, published).ID + 1
}

// TestUpdateWithoutAnEdit checks that a nil edit changes nothing and is refused as any update is.
func TestUpdateWithoutAnEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author, another := w.register(t, ada).ID, w.register(t, "eve@example.com").ID
	before := w.post(t, author, published)
	w.clock.Advance(time.Hour)
	after, err := w.posts.Update(t.Context(), author, before.ID, []domain.Version{1}, nil)
	require.NoError(t, err)
	require.Equal(t, before, after)
	stored, err := w.posts.Get(t.Context(), domain.Viewer{}, before.ID)
	require.NoError(t, err)
	require.Equal(t, before, stored)
	_, err = w.posts.Update(t.Context(), author, before.ID, []domain.Version{2}, nil)
	require.ErrorIs(t, err, domain.ErrPostChanged)
	_, err = w.posts.Update(t.Context(), another, before.ID, nil, nil)
	require.ErrorIs(t, err, domain.ErrNotPostOwner)
	_, err = w.posts.Update(t.Context(), author, before.ID+1, nil, nil)
	require.ErrorIs(t, err, domain.ErrPostNotFound)
}

func TestCreate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author := w.register(t, ada).ID
	now := w.clock.Now()
	got := w.post(t, author, domain.PostInput{Title: " <b>\u0041\u030a</b> 🐎\n", Content: "\t\r\n\u200b", Published: true})
	want := domain.Post{
		ID: got.ID, OwnerID: author, Title: " <b>\u0041\u030a</b> 🐎\n", Content: "\t\r\n\u200b", Published: true,
		Version: 1, CreatedAt: now, UpdatedAt: now, PublishedAt: &now,
	}
	require.Equal(t, want, got, "text is returned exactly as it was sent")
	found, err := w.posts.Get(t.Context(), domain.Viewer{}, got.ID)
	require.NoError(t, err)
	require.Equal(t, got, found)
}

func TestATokenOutlivesItsAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.posts.Create(t.Context(), 404, published, nil)
	require.ErrorIs(t, err, domain.ErrBadToken)
	require.NotErrorIs(t, err, domain.ErrNotFound)
}

func TestThePublicationTimeIsSetOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author := w.register(t, ada).ID
	post := w.post(t, author, draft)
	created := w.clock.Now()
	require.Nil(t, post.PublishedAt)

	var first time.Time
	steps := []struct {
		name      string
		published bool
	}{{"edited as a draft", false}, {"published", true}, {"edited", true}, {"withdrawn", false}, {"published again", true}}
	for i, step := range steps {
		now := w.clock.Advance(time.Hour)
		if step.name == "published" {
			first = now
		}
		var err error
		post, err = w.posts.Update(t.Context(), author, post.ID, nil, become(domain.PostInput{Title: step.name, Content: "x", Published: step.published}))
		require.NoError(t, err, step.name)
		require.Equal(t, step.name, post.Title)
		require.Equal(t, step.published, post.Published, step.name)
		require.Equal(t, domain.Version(i+2), post.Version, step.name)
		require.Equal(t, created, post.CreatedAt, step.name)
		require.Equal(t, now, post.UpdatedAt, step.name)
		if first.IsZero() {
			require.Nil(t, post.PublishedAt, step.name)
		} else {
			require.Equal(t, &first, post.PublishedAt, step.name)
		}
	}
}

func TestPostBounds(t *testing.T) {
	t.Parallel()
	horse := "🐎" // one character, four bytes
	cases := map[string]struct {
		title, content string
		fields         []string
	}{
		"one character each":    {"x", "x", nil},
		"one space each":        {" ", " ", nil},
		"both full":             {strings.Repeat(horse, domain.MaxTitle), strings.Repeat(horse, domain.MaxContent), nil},
		"both too long":         {strings.Repeat("x", domain.MaxTitle+1), strings.Repeat("x", domain.MaxContent+1), []string{"title max_length", "content max_length"}},
		"title too long":        {strings.Repeat(horse, domain.MaxTitle+1), "x", []string{"title max_length"}},
		"both empty":            {"", "", []string{"title min_length", "content min_length"}},
		"content empty":         {"x", "", []string{"content min_length"}},
		"NUL":                   {"a\x00b", "\x00", []string{"title format", "content format"}},
		"invalid UTF-8":         {"a\xff", "x", []string{"title format"}},
		"a surrogate in UTF-8":  {"x", "a\xed\xa0\x80", []string{"content format"}},
		"too long, and invalid": {strings.Repeat("\xff", domain.MaxTitle+1), "x", []string{"title format"}},
	}
	w := newWorld(t)
	author := w.register(t, ada).ID
	kept := w.post(t, author, published)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := domain.PostInput{Title: c.title, Content: c.content, Published: true}
			created, err := w.posts.Create(t.Context(), author, in, nil)
			if c.fields == nil {
				require.NoError(t, err)
				_, err = w.posts.Update(t.Context(), author, created.ID, nil, become(in))
				require.NoError(t, err)
				return
			}
			requireFields(t, err, c.fields...)
			_, err = w.posts.Update(t.Context(), author, kept.ID, nil, become(in))
			requireFields(t, err, c.fields...)
			_, err = w.posts.Update(t.Context(), author, kept.ID+1000, nil, become(in))
			require.ErrorIs(t, err, domain.ErrPostNotFound) // there is no post
			found, err := w.posts.Get(t.Context(), domain.Viewer{}, kept.ID)
			require.NoError(t, err)
			require.Equal(t, kept, found)
		})
	}
}
