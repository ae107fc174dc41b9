package domain_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.com/postern/domain"
)

func ids(posts []domain.Post) []domain.PostID {
	out := make([]domain.PostID, 0, len(posts))
	for _, p := range posts {
		out = append(out, p.ID)
	}
	return out
}

// pages reads pages from a first page until a test stops it.
func (w *world) pages(t testing.TB, limit int, from *domain.PostCursor, next func(domain.PostPage) *domain.PostCursor) []domain.PostPage {
	t.Helper()
	var pages []domain.PostPage
	for {
		page, err := w.posts.List(t.Context(), domain.PostQuery{Limit: limit, Cursor: from})
		require.NoError(t, err)
		pages = append(pages, page)
		if from = next(page); from == nil {
			return pages
		}
	}
}

func next(p domain.PostPage) *domain.PostCursor     { return p.Next }
func previous(p domain.PostPage) *domain.PostCursor { return p.Previous }

func TestPagesAreLinkedInBothDirections(t *testing.T) {
	t.Parallel()
	for _, posts := range []int{0, 1, 2, 5, 6, 7} {
		for _, limit := range []int{1, 2, 3, 6, 100} {
			t.Run(fmt.Sprintf("%d posts by %d", posts, limit), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				author := w.register(t, ada).ID
				var want []domain.PostID
				for i := range posts {
					w.post(t, author, draft)
					want = append(want, w.post(t, author, published).ID)
					w.clock.Advance(time.Duration(i%2) * time.Microsecond) // some have the same time
				}
				slices.Reverse(want)
				wantPages := slices.Collect(slices.Chunk(want, limit))
				if posts == 0 {
					wantPages = [][]domain.PostID{nil}
				}

				forwards := w.pages(t, limit, nil, next)
				require.Len(t, forwards, len(wantPages))
				for i, page := range forwards {
					require.True(t, slices.Equal(wantPages[i], ids(page.Posts)), "page %d: %v, not %v", i, ids(page.Posts), wantPages[i])
					require.Equal(t, i > 0, page.Previous != nil, "page %d leads back", i)
				}
				// Read back from the last page. Only the last page may be short, so the others are the same pages.
				backwards := []domain.PostPage{forwards[len(forwards)-1]}
				if from := backwards[0].Previous; from != nil {
					backwards = append(backwards, w.pages(t, limit, from, previous)...)
				}
				slices.Reverse(backwards)
				require.Equal(t, forwards, backwards)
			})
		}
	}
}

func TestPageLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author := w.register(t, ada).ID
	for range domain.MaxPageLimit + 1 {
		w.post(t, author, published)
	}
	for limit, want := range map[int]int{0: domain.DefaultPageLimit, 1: 1, domain.MaxPageLimit: domain.MaxPageLimit} {
		page, err := w.posts.List(t.Context(), domain.PostQuery{Limit: limit})
		require.NoError(t, err)
		require.Len(t, page.Posts, want)
	}
	for _, limit := range []int{-1, domain.MaxPageLimit + 1, 1 << 62} {
		_, err := w.posts.List(t.Context(), domain.PostQuery{Limit: limit})
		requireFields(t, err, "limit maximum")
	}
}

func TestAPositionSurvivesTheDeletionOfItsPost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author := w.register(t, ada).ID
	one, two, three := w.post(t, author, published), w.post(t, author, published), w.post(t, author, published)
	page, err := w.posts.List(t.Context(), domain.PostQuery{Limit: 2})
	require.NoError(t, err)
	require.Equal(t, []domain.PostID{three.ID, two.ID}, ids(page.Posts))

	require.NoError(t, w.posts.Delete(t.Context(), author, two.ID, nil))
	page, err = w.posts.List(t.Context(), domain.PostQuery{Limit: 2, Cursor: page.Next})
	require.NoError(t, err)
	require.Equal(t, []domain.PostID{one.ID}, ids(page.Posts))
}

// TestPagingUnderWrites writes between the pages. A post that was published before the first page and stays published is on
// exactly one page. No other post is on two.
func TestPagingUnderWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		list := churn{T: rt, world: w, author: w.register(t, ada).ID, public: map[domain.PostID]bool{}}
		for range rapid.IntRange(0, 12).Draw(rt, "writes before") {
			list.write()
		}
		stayed := map[domain.PostID]bool{}
		for id, public := range list.public {
			stayed[id] = public
		}
		limit := rapid.IntRange(1, 4).Draw(rt, "limit")
		seen := map[domain.PostID]int{}
		var last *domain.Post
		w.pages(t, limit, nil, func(page domain.PostPage) *domain.PostCursor {
			for _, p := range page.Posts {
				seen[p.ID]++
				require.Equal(rt, 1, seen[p.ID], "post %d is on two pages", p.ID)
				require.True(rt, last == nil || comesBefore(*last, p), "the order continues across pages")
				last = &p
			}
			for range rapid.IntRange(0, 3).Draw(rt, "writes between") {
				list.write()
			}
			for id := range stayed {
				stayed[id] = stayed[id] && list.public[id]
			}
			return page.Next
		})
		for id, public := range stayed {
			require.True(rt, !public || seen[id] == 1, "post %d is missing", id)
		}
	})
}

func comesBefore(a, b domain.Post) bool {
	return a.PublishedAt.After(*b.PublishedAt) || a.PublishedAt.Equal(*b.PublishedAt) && a.ID > b.ID
}

// churn creates, changes and deletes random posts.
type churn struct {
	*rapid.T
	*world
	author domain.UserID
	public map[domain.PostID]bool // all posts
}

func (c churn) write() {
	c.clock.Advance(time.Duration(rapid.IntRange(0, 1).Draw(c.T, "time passes")) * time.Microsecond)
	var known []domain.PostID
	for id := range c.public {
		known = append(known, id)
	}
	slices.Sort(known)
	in := draft
	in.Published = rapid.Bool().Draw(c.T, "published")
	if len(known) == 0 || rapid.Bool().Draw(c.T, "a new one") {
		post, err := c.posts.Create(c.T.Context(), c.author, in, nil)
		require.NoError(c.T, err)
		c.public[post.ID] = in.Published
		return
	}
	id := rapid.SampledFrom(known).Draw(c.T, "id")
	if rapid.Bool().Draw(c.T, "delete") {
		require.NoError(c.T, c.posts.Delete(c.T.Context(), c.author, id, nil))
		delete(c.public, id)
		return
	}
	_, err := c.posts.Update(c.T.Context(), c.author, id, nil, become(in))
	require.NoError(c.T, err)
	c.public[id] = in.Published
}

func TestPagesOfLongPostsAreShort(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author := w.register(t, ada).ID
	const posts = 40
	var want []domain.PostID
	for range posts {
		long := domain.PostInput{Title: "t", Content: strings.Repeat("😀", domain.MaxContent), Published: true}
		post, err := w.posts.Create(t.Context(), author, long, nil)
		require.NoError(t, err)
		want = append(want, post.ID)
	}
	slices.Reverse(want)
	for name, pages := range map[string][]domain.PostPage{
		"forwards":  w.pages(t, 100, nil, next),
		"backwards": w.pages(t, 100, &domain.PostCursor{From: domain.PostPosition{PublishedAt: w.clock.Now().Add(-1), ID: 1}, Newer: true}, previous),
	} {
		var seen []domain.PostID
		for _, page := range pages {
			size := 0
			for _, post := range page.Posts {
				size += len(post.Title) + len(post.Content)
			}
			require.LessOrEqual(t, size, domain.MaxPageSize, name)
			if name == "forwards" {
				seen = append(seen, ids(page.Posts)...)
			} else {
				seen = append(ids(page.Posts), seen...)
			}
		}
		require.Equal(t, want, seen, name)
	}
}

func TestAnEmptyPageHasACursorBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	author := w.register(t, ada).ID
	for range 4 {
		w.post(t, author, published)
	}
	first, err := w.posts.List(t.Context(), domain.PostQuery{Limit: 2})
	require.NoError(t, err)
	require.NoError(t, w.posts.Delete(t.Context(), author, 1, nil))
	require.NoError(t, w.posts.Delete(t.Context(), author, 2, nil))
	empty, err := w.posts.List(t.Context(), domain.PostQuery{Limit: 2, Cursor: first.Next})
	require.NoError(t, err)
	require.Empty(t, empty.Posts)
	require.Nil(t, empty.Next)
	back, err := w.posts.List(t.Context(), domain.PostQuery{Limit: 2, Cursor: empty.Previous})
	require.NoError(t, err)
	require.Equal(t, []domain.PostID{4, 3}, ids(back.Posts))

	require.NoError(t, w.posts.Delete(t.Context(), author, 4, nil))
	require.NoError(t, w.posts.Delete(t.Context(), author, 3, nil))
	empty, err = w.posts.List(t.Context(), domain.PostQuery{Cursor: &domain.PostCursor{From: domain.PostPosition{PublishedAt: w.clock.Now(), ID: 3}, Newer: true}})
	require.NoError(t, err)
	require.Empty(t, empty.Posts)
	require.Nil(t, empty.Previous)
	require.EqualValues(t, 4, empty.Next.From.ID)
}
