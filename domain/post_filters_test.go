package domain_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func (w *world) list(t *testing.T, q domain.PostQuery) []domain.PostID {
	t.Helper()
	page, err := w.posts.List(t.Context(), q)
	require.NoError(t, err)
	return ids(page.Posts)
}

func TestFiltersAndOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author, another := w.register(t, ada).ID, w.register(t, "eve@example.com").ID
	base := w.clock.Now()
	for i := range 6 { // ids 1 to 6, a microsecond apart
		w.post(t, []domain.UserID{author, another}[i%2], published)
		w.clock.Advance(time.Microsecond)
	}
	at := func(d time.Duration) *time.Time { v := base.Add(d); return &v }
	const us, ns = time.Microsecond, time.Nanosecond
	for name, c := range map[string]struct {
		q    domain.PostQuery
		want []domain.PostID
	}{
		"newest first":                       {domain.PostQuery{}, []domain.PostID{6, 5, 4, 3, 2, 1}},
		"oldest first":                       {domain.PostQuery{Oldest: true}, []domain.PostID{1, 2, 3, 4, 5, 6}},
		"of one author":                      {domain.PostQuery{Author: another}, []domain.PostID{6, 4, 2}},
		"published at or after a time":       {domain.PostQuery{PublishedAfter: at(3 * us)}, []domain.PostID{6, 5, 4}},
		"published after a nanosecond more":  {domain.PostQuery{PublishedAfter: at(3*us + ns)}, []domain.PostID{6, 5}},
		"published before a time":            {domain.PostQuery{PublishedBefore: at(3 * us)}, []domain.PostID{3, 2, 1}},
		"published before a nanosecond more": {domain.PostQuery{PublishedBefore: at(3*us + ns)}, []domain.PostID{4, 3, 2, 1}},
		"between, oldest, of an author":      {domain.PostQuery{PublishedAfter: at(us), PublishedBefore: at(5 * us), Oldest: true, Author: another}, []domain.PostID{2, 4}},
		"between equal bounds":               {domain.PostQuery{PublishedAfter: at(3 * us), PublishedBefore: at(3 * us)}, []domain.PostID{}},
	} {
		require.Equal(t, c.want, w.list(t, c.q), name)
		var paged []domain.PostID
		for q := c.q; ; {
			q.Limit = 2
			page, err := w.posts.List(t.Context(), q)
			require.NoError(t, err)
			paged = append(paged, ids(page.Posts)...)
			if q.Cursor = page.Next; q.Cursor == nil {
				break
			}
		}
		require.True(t, slices.Equal(c.want, paged), name)
	}
}

func TestListOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author, another := w.register(t, ada).ID, w.register(t, "eve@example.com").ID
	w.post(t, author, draft)
	w.post(t, another, draft)
	w.post(t, author, published)
	yes, no := true, false
	for name, c := range map[string]struct {
		published *bool
		want      []domain.PostID
	}{"all": {nil, []domain.PostID{3, 1}}, "published": {&yes, []domain.PostID{3}}, "drafts": {&no, []domain.PostID{1}}} {
		page, err := w.posts.ListOwn(t.Context(), author, domain.OwnPostQuery{Published: c.published})
		require.NoError(t, err)
		require.Equal(t, c.want, ids(page.Posts), name)
	}
	page, err := w.posts.ListOwn(t.Context(), author, domain.OwnPostQuery{Limit: 1})
	require.NoError(t, err)
	require.Nil(t, page.Previous)
	page, err = w.posts.ListOwn(t.Context(), author, domain.OwnPostQuery{Limit: 1, Cursor: page.Next})
	require.NoError(t, err)
	require.Equal(t, []domain.PostID{1}, ids(page.Posts))
	require.Nil(t, page.Next)
	page, err = w.posts.ListOwn(t.Context(), author, domain.OwnPostQuery{Limit: 1, Cursor: page.Previous})
	require.NoError(t, err)
	require.Equal(t, []domain.PostID{3}, ids(page.Posts))
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author, another := w.register(t, ada).ID, w.register(t, "eve@example.com").ID
	id := w.post(t, author, published).ID
	for _, want := range [][]domain.Version{{}, {2}, {0, 3}} {
		_, err := w.posts.Update(t.Context(), author, id, want, become(draft))
		require.ErrorIs(t, err, domain.ErrPostChanged)
		require.ErrorIs(t, w.posts.Delete(t.Context(), author, id, want), domain.ErrPostChanged)
		require.ErrorIs(t, w.posts.Delete(t.Context(), another, id, want), domain.ErrNotPostOwner)
	}
	post, err := w.posts.Update(t.Context(), author, id, []domain.Version{7, 1}, become(draft))
	require.NoError(t, err)
	require.EqualValues(t, 2, post.Version)
	require.ErrorIs(t, w.posts.Delete(t.Context(), another, id, []domain.Version{2}), domain.ErrPostNotFound, "a draft of another user")
	require.NoError(t, w.posts.Delete(t.Context(), author, id, []domain.Version{2}))
}
