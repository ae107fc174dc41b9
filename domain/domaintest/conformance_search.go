package domaintest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

var searchCases = slices.Concat(searchTextCases(), []storeCase{
	{"a search finds no draft", searchNoDrafts},
	{"a search finds no deleted posts", searchNothingDeleted},
	{"after an edit, a search finds the new text and not the old one", searchEdited},
	{"a search finds posts of its own transaction, and none of a failed one", searchInTx},
	{"the pages of a search follow each other in both directions", searchPages},
	{"a search may have an author and a time", searchBounds},
})

// noQuery marks a query without words.
const noQuery = "no query"

// searchTextCases returns one case for each group of texts.
func searchTextCases() (cases []storeCase) {
	for _, group := range searchGroups {
		cases = append(cases, storeCase{"a search finds " + group.name, func(t *testing.T, s domain.Store) {
			owner := newUser(t, s, "author@example.org")
			keys := map[domain.PostID]string{}
			for i, text := range group.posts {
				at := moment.Add(time.Duration(i) * time.Second)
				post := publication(owner.ID, text.content, at)
				post.Title = text.title
				inserted, err := s.Posts().Insert(t.Context(), post)
				require.NoError(t, err)
				keys[inserted.ID] = text.key
			}
			indexAll(t, s)
			for query, hits := range group.hits {
				requireHits(t, s, keys, query, hits)
			}
		}})
	}
	return cases
}

// indexAll indexes the posts that the store has not indexed yet because they are long.
func indexAll(t *testing.T, s domain.Store) {
	t.Helper()
	_, err := domain.IndexPosts(t.Context(), s)
	require.NoError(t, err)
}

// requireHits searches in both directions. The hits are the keys of the posts, oldest first.
func requireHits(t *testing.T, s domain.Store, keys map[domain.PostID]string, query, hits string) {
	t.Helper()
	parsed := search.Parse(query)
	require.Equal(t, hits != noQuery, len(parsed) > 0, query)
	if len(parsed) == 0 {
		return
	}
	newer := published(t, s, domain.PostRange{Search: parsed, Newer: true})
	found := ""
	for _, post := range newer {
		found += keys[post.ID]
	}
	require.Equal(t, hits, found, "%.100q", query)
	older := published(t, s, domain.PostRange{Search: parsed})
	slices.Reverse(older)
	require.Equal(t, newer, older, "%.100q", query)
}

// published returns the posts of a range. The default bounds contain all posts, and the default of Limit is large.
func published(t *testing.T, r domain.Repositories, within domain.PostRange) []domain.Post {
	t.Helper()
	if within.Before == (domain.PostPosition{}) {
		within.Before = newest
	}
	if within.After == (domain.PostPosition{}) {
		within.After = oldest
	}
	if within.Limit == 0 {
		within.Limit = domain.MaxPageLimit
	}
	posts, err := r.Posts().Published(t.Context(), within)
	require.NoError(t, err)
	return posts
}

// hits returns the results of a search, newest first.
func hits(t *testing.T, r domain.Repositories, query string) []domain.Post {
	t.Helper()
	return published(t, r, domain.PostRange{Search: search.Parse(query)})
}

func searchNoDrafts(t *testing.T, s domain.Store) {
	owner := newUser(t, s, "author@example.org")
	post := newPost(t, s, owner.ID, "needle")
	unpublished := publication(owner.ID, "needle", moment)
	unpublished.Published = false
	hidden, err := s.Posts().Insert(t.Context(), unpublished)
	require.NoError(t, err)
	require.Equal(t, []domain.Post{post}, hits(t, s, "needle"))

	hidden.Published, post.Published = true, false
	hidden, err = s.Posts().Update(t.Context(), hidden)
	require.NoError(t, err)
	_, err = s.Posts().Update(t.Context(), post)
	require.NoError(t, err)
	require.Equal(t, []domain.Post{hidden}, hits(t, s, "needle"), "only the published post is found")
}

func searchNothingDeleted(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	first, second := newPost(t, s, ada.ID, "needle"), newPost(t, s, ada.ID, "needle")
	third := newPost(t, s, bob.ID, "needle")
	require.NoError(t, s.Posts().Delete(t.Context(), first.ID, ada.ID, first.Version))
	require.Equal(t, []domain.Post{third, second}, hits(t, s, "needle"))
	deleteUser(t, s, ada)
	require.Equal(t, []domain.Post{third}, hits(t, s, "needle"))
	for n := 1; n > 0; {
		var err error
		n, err = s.Users().Purge(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, []domain.Post{third}, hits(t, s, "needle"))
	}
}

func searchEdited(t *testing.T, s domain.Store) {
	owner := newUser(t, s, "author@example.org")
	post := newPost(t, s, owner.ID, "old hay")
	stale := post
	post.Title, post.Content = "new", "hay"
	post, err := s.Posts().Update(t.Context(), post)
	require.NoError(t, err)
	require.Empty(t, hits(t, s, "old"))
	require.Empty(t, hits(t, s, "title"))
	require.Equal(t, []domain.Post{post}, hits(t, s, "new"))
	require.Equal(t, []domain.Post{post}, hits(t, s, "hay"))

	post.Content = strings.Repeat("long ", domain.MaxContent/5)
	post, err = s.Posts().Update(t.Context(), post)
	require.NoError(t, err)
	require.Empty(t, hits(t, s, "hay"), "old words are gone at once, although the new ones are indexed later")
	indexAll(t, s)
	require.Equal(t, []domain.Post{post}, hits(t, s, "long"))
	post.Published = false
	post, err = s.Posts().Update(t.Context(), post)
	require.NoError(t, err)
	require.Empty(t, hits(t, s, "long"))
	post.Published = true
	post, err = s.Posts().Update(t.Context(), post)
	require.NoError(t, err)
	require.Equal(t, []domain.Post{post}, hits(t, s, "long"), "the text has not changed, so it is not indexed again")
	post.Title = "NEW"
	post, err = s.Posts().Update(t.Context(), post)
	require.NoError(t, err)
	indexAll(t, s)

	stale.Content = "refused"
	_, err = s.Posts().Update(t.Context(), stale)
	require.ErrorIs(t, err, domain.ErrPostNotFound)
	require.Empty(t, hits(t, s, "refused"))
	require.Equal(t, []domain.Post{post}, hits(t, s, "new"))
}

func searchInTx(t *testing.T, s domain.Store) {
	owner := newUser(t, s, "author@example.org")
	kept := newPost(t, s, owner.ID, "kept")
	var inserted domain.Post
	write := func(tx domain.Repositories) {
		changed := kept
		changed.Content = "changed"
		changed, err := tx.Posts().Update(t.Context(), changed)
		require.NoError(t, err)
		inserted = newPost(t, tx, owner.ID, "inserted")
		require.Equal(t, []domain.Post{changed}, hits(t, tx, "changed"))
		require.Equal(t, []domain.Post{inserted}, hits(t, tx, "inserted"))
		require.Empty(t, hits(t, tx, "kept"))
	}
	require.ErrorIs(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		write(tx)
		return domain.ErrPostChanged
	}), domain.ErrPostChanged)
	require.Equal(t, []domain.Post{kept}, hits(t, s, "kept"))
	require.Empty(t, hits(t, s, "changed"))
	require.Empty(t, hits(t, s, "inserted"))

	require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		write(tx)
		return nil
	}))
	require.Empty(t, hits(t, s, "kept"))
	require.Len(t, hits(t, s, "changed"), 1)
	require.Equal(t, []domain.Post{inserted}, hits(t, s, "inserted"))
}

func searchPages(t *testing.T, s domain.Store) {
	owner := newUser(t, s, "author@example.org")
	var want []domain.Post // oldest first; three have the same time
	for i := range 40 {
		post, err := s.Posts().Insert(t.Context(), publication(owner.ID, []string{"needle", "hay"}[i%2], moment.Add(time.Duration(i/6)*time.Second)))
		require.NoError(t, err)
		if i%2 == 0 {
			want = append(want, post)
		}
	}
	parsed := search.Parse("need*")
	for _, limit := range []int{1, 3, 20} {
		newer := domain.PostRange{Search: parsed, Newer: true, Limit: limit, After: oldest}
		var all []domain.Post
		for page := published(t, s, newer); len(page) > 0; page = published(t, s, newer) {
			all = append(all, page...)
			newer.After = position(page[len(page)-1])
		}
		require.Equal(t, want, all)

		older := domain.PostRange{Search: parsed, Limit: limit, Before: newest}
		all = nil
		for page := published(t, s, older); len(page) > 0; page = published(t, s, older) {
			all = append(all, page...)
			older.Before = position(page[len(page)-1])
		}
		slices.Reverse(all)
		require.Equal(t, want, all)
	}
}

func searchBounds(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org"), newUser(t, s, "bob@example.org")
	var posts []domain.Post
	for i := range 12 {
		owner := []domain.UserID{ada.ID, bob.ID}[i%2]
		post, err := s.Posts().Insert(t.Context(), publication(owner, []string{"needle", "hay"}[i/6], moment.Add(time.Duration(i)*time.Second)))
		require.NoError(t, err)
		posts = append(posts, post)
	}
	parsed := search.Parse("needle")
	for _, newer := range []bool{false, true} {
		within := domain.PostRange{Search: parsed, Newer: newer}
		require.ElementsMatch(t, posts[:6], published(t, s, within))
		within.Author = bob.ID
		require.ElementsMatch(t, []domain.Post{posts[1], posts[3], posts[5]}, published(t, s, within))
		within.After, within.Before = position(posts[1]), position(posts[9])
		require.ElementsMatch(t, []domain.Post{posts[3], posts[5]}, published(t, s, within), "both bounds are exclusive")
		within.Author, within.Before = 0, position(posts[4])
		require.ElementsMatch(t, []domain.Post{posts[2], posts[3]}, published(t, s, within))
		within.Limit = 1
		require.Len(t, published(t, s, within), 1)
		within.Limit, within.Author = 0, bob.ID+1
		require.Empty(t, published(t, s, within))
	}
}
