package domaintest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

var voteCases = []storeCase{
	{"a vote counts once, in every view of the post", votesCount},
	{"a viewer sees which posts have their vote, in every view", votesOfTheViewer},
	{"a user who may not see a post may not vote for it", votesOnWhatIsSeen},
	{"a purge subtracts the votes of deleted users from the counts", votesOfDeleted},
	{"votes are deleted with their post", votesOfDeletedPost},
	{"an edit does not change the votes", votesAndEdits},
	{"all concurrent votes and withdrawals take effect", votesAtOnce},
	{"votes take effect while their voters are deleted and purged", votesWhilePurged},
}

func votesOf(t *testing.T, s domain.Store, p domain.Post) int64 {
	t.Helper()
	post, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: p.OwnerID}, p.ID)
	require.NoError(t, err)
	return post.Votes
}

func newUsers(t *testing.T, s domain.Store, n int) (users []domain.User) {
	t.Helper()
	for i := range n {
		users = append(users, newUser(t, s, domain.Email(fmt.Sprintf("voter%d@example.org", i))))
	}
	return users
}

func votesCount(t *testing.T, s domain.Store) {
	users := newUsers(t, s, 3)
	post, other := newPost(t, s, users[0].ID, "c"), newPost(t, s, users[0].ID, "another")
	require.Zero(t, post.Votes)
	for n, user := range users {
		for range 2 {
			require.NoError(t, s.Votes().Add(t.Context(), post.ID, user.ID))
			post.Votes, post.Voted = int64(n+1), true // the owner votes first
			requireStored(t, s, post)
		}
	}
	requireStored(t, s, other)
	owner := users[0].ID
	for what, posts := range map[string][]domain.Post{
		"own":         owned(t, s, domain.OwnPostRange{Owner: owner}),
		"own, listed": owned(t, s, domain.OwnPostRange{Owner: owner, Published: &post.Published}),
	} {
		require.Equal(t, []domain.Post{other, post}, posts, what)
	}
	requireViews(t, s, domain.Viewer{UserID: owner}, other, post)
	for n, user := range users {
		for range 2 {
			require.NoError(t, s.Votes().Remove(t.Context(), post.ID, user.ID))
			require.EqualValues(t, len(users)-n-1, votesOf(t, s, post))
		}
	}
}

// requireViews requires that every list of the published posts of one owner has these posts, newest first.
func requireViews(t *testing.T, s domain.Store, viewer domain.Viewer, want ...domain.Post) {
	t.Helper()
	for _, within := range []domain.PostRange{
		{}, {Author: want[0].OwnerID},
		{Search: search.Query{{Words: []string{"title"}}}}, {Search: search.Query{{Words: []string{"titl"}, Prefix: true}}},
		{Author: want[0].OwnerID, Search: search.Query{{Words: []string{"title"}}}},
	} {
		within.Viewer = viewer
		require.Equal(t, want, published(t, s, within), "%+v", within)
		within.Newer = true
		require.Equal(t, want, reversed(published(t, s, within)), "%+v", within)
	}
	for _, post := range want {
		found, err := s.Posts().Visible(t.Context(), viewer, post.ID)
		require.NoError(t, err)
		require.Equal(t, post, found)
	}
}

// votesOfTheViewer has two users vote for different posts of four.
func votesOfTheViewer(t *testing.T, s domain.Store) {
	users := newUsers(t, s, 3)
	owner, reader, idle := users[0], users[1], users[2]
	var posts []domain.Post // newest first
	for i := range 4 {
		posts = append([]domain.Post{newPost(t, s, owner.ID, fmt.Sprint(i))}, posts...)
	}
	voted := map[domain.UserID][]bool{0: {false, false, false, false}, idle.ID: {false, false, false, false},
		owner.ID: {true, false, false, true}, reader.ID: {true, true, false, false}}
	for _, user := range users {
		for i := range posts {
			if voted[user.ID][i] {
				require.NoError(t, s.Votes().Add(t.Context(), posts[i].ID, user.ID))
				posts[i].Votes++
			}
		}
	}
	require.NoError(t, s.Votes().Add(t.Context(), posts[2].ID, reader.ID))
	require.NoError(t, s.Votes().Remove(t.Context(), posts[2].ID, reader.ID))
	for viewer, marks := range voted {
		for i := range posts {
			posts[i].Voted = marks[i]
		}
		requireViews(t, s, domain.Viewer{UserID: viewer}, posts...)
		if viewer == owner.ID {
			require.Equal(t, posts, owned(t, s, domain.OwnPostRange{Owner: owner.ID}))
			require.Equal(t, reversed(posts), owned(t, s, domain.OwnPostRange{Owner: owner.ID, Newer: true}))
			require.Equal(t, posts, owned(t, s, domain.OwnPostRange{Owner: owner.ID, Published: new(true)}))
			require.Equal(t, reversed(posts), owned(t, s, domain.OwnPostRange{Owner: owner.ID, Published: new(true), Newer: true}))
		}
	}
}

func votesOnWhatIsSeen(t *testing.T, s domain.Store) {
	users := newUsers(t, s, 4)
	owner, reader, gone, late := users[0], users[1], users[2], users[3]
	unpublished, err := s.Posts().Insert(t.Context(), draft(owner.ID, "t", "c"))
	require.NoError(t, err)
	removed, orphan, post := newPost(t, s, owner.ID, "c"), newPost(t, s, gone.ID, "c"), newPost(t, s, owner.ID, "c")
	require.NoError(t, s.Posts().Delete(t.Context(), removed.ID, owner.ID, removed.Version))
	deleteUser(t, s, gone)
	deleteUser(t, s, late)
	for what, v := range map[string]vote{
		"a draft of another":        {unpublished.ID, reader.ID},
		"a deleted post":            {removed.ID, reader.ID},
		"a post of a deleted owner": {orphan.ID, reader.ID},
		"an unknown post":           {domain.MaxID, reader.ID},
		"by a deleted voter":        {post.ID, late.ID},
		"by nobody":                 {post.ID, 0},
		"by an unknown voter":       {post.ID, domain.MaxID},
	} {
		require.ErrorIs(t, s.Votes().Add(t.Context(), v.post, v.voter), domain.ErrPostNotFound, what)
		require.ErrorIs(t, s.Votes().Remove(t.Context(), v.post, v.voter), domain.ErrPostNotFound, what)
	}
	require.Zero(t, votesOf(t, s, unpublished))
	require.Zero(t, votesOf(t, s, post))
	require.NoError(t, s.Votes().Add(t.Context(), unpublished.ID, owner.ID))
	require.EqualValues(t, 1, votesOf(t, s, unpublished))
}

// purgeAll purges in small batches until nothing is left.
func purgeAll(t *testing.T, s domain.Store, each func()) {
	t.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = s.Users().Purge(t.Context(), 2)
		require.NoError(t, err)
		require.LessOrEqual(t, n, 2)
		each()
	}
}

func votesOfDeleted(t *testing.T, s domain.Store) {
	users := newUsers(t, s, 7)
	post, other := newPost(t, s, users[0].ID, "c"), newPost(t, s, users[0].ID, "another")
	for _, user := range users {
		require.NoError(t, s.Votes().Add(t.Context(), post.ID, user.ID))
		require.NoError(t, s.Votes().Add(t.Context(), other.ID, user.ID))
	}
	require.NoError(t, s.Votes().Remove(t.Context(), other.ID, users[1].ID))
	for _, user := range users[1:6] {
		deleteUser(t, s, user)
	}
	last := votesOf(t, s, post) + votesOf(t, s, other)
	purgeAll(t, s, func() {
		left := votesOf(t, s, post) + votesOf(t, s, other)
		require.LessOrEqual(t, last-left, int64(2), "a batch subtracts each vote that it deletes from a count")
		require.Equal(t, votesOf(t, s, post), published(t, s, domain.PostRange{})[1].Votes)
		last = left
	})
	require.EqualValues(t, 2, votesOf(t, s, post))
	require.EqualValues(t, 2, votesOf(t, s, other))
	require.NoError(t, s.Votes().Remove(t.Context(), post.ID, users[0].ID))
	require.NoError(t, s.Votes().Remove(t.Context(), post.ID, users[6].ID))
	require.Zero(t, votesOf(t, s, post))
}

func votesOfDeletedPost(t *testing.T, s domain.Store) {
	users := newUsers(t, s, 2)
	post, other := newPost(t, s, users[0].ID, "c"), newPost(t, s, users[0].ID, "another")
	for _, id := range []domain.PostID{post.ID, other.ID} {
		require.NoError(t, s.Votes().Add(t.Context(), id, users[1].ID))
	}
	require.NoError(t, s.Posts().Delete(t.Context(), post.ID, post.OwnerID, post.Version))
	require.EqualValues(t, 1, votesOf(t, s, other))
	deleteUser(t, s, users[1])
	purgeAll(t, s, func() {})
	require.Zero(t, votesOf(t, s, other))
}

func votesAndEdits(t *testing.T, s domain.Store) {
	post := newPost(t, s, newUser(t, s, "ada@example.org").ID, "c")
	require.NoError(t, s.Votes().Add(t.Context(), post.ID, post.OwnerID))
	for _, votes := range []int64{0, 99} { // an update ignores this field
		post.Votes = votes
		updated, err := s.Posts().Update(t.Context(), post)
		require.NoError(t, err)
		require.EqualValues(t, 1, updated.Votes)
		require.True(t, updated.Voted)
		post = updated
	}
	require.EqualValues(t, 3, post.Version, "a vote does not change the version")
}

// votesAtOnce makes fifty users vote for a post twice, and fifty others withdraw their votes twice, all concurrently.
func votesAtOnce(t *testing.T, s domain.Store) {
	users := newUsers(t, s, 100)
	post := newPost(t, s, users[0].ID, "c")
	for _, user := range users[50:] {
		require.NoError(t, s.Votes().Add(t.Context(), post.ID, user.ID))
	}
	begin, results := make(chan struct{}), make(chan error, 200)
	for i := range 200 {
		user := users[i%100]
		go func() {
			<-begin
			if i%100 < 50 {
				results <- s.Votes().Add(t.Context(), post.ID, user.ID)
			} else {
				results <- s.Votes().Remove(t.Context(), post.ID, user.ID)
			}
		}()
	}
	close(begin)
	for range 200 {
		require.NoError(t, wait(t, results))
	}
	require.EqualValues(t, 50, votesOf(t, s, post))
}

func votesWhilePurged(t *testing.T, s domain.Store) {
	users := newUsers(t, s, 40)
	post := newPost(t, s, users[0].ID, "c")
	voted := start(func() (err error) {
		for _, user := range users {
			if voteErr := s.Votes().Add(t.Context(), post.ID, user.ID); !errors.Is(voteErr, domain.ErrPostNotFound) {
				err = errors.Join(err, voteErr)
			}
		}
		return err
	})
	for _, user := range users[20:] {
		deleteUser(t, s, user)
		_, err := s.Users().Purge(t.Context(), 3)
		require.NoError(t, err)
	}
	require.NoError(t, wait(t, voted))
	purgeAll(t, s, func() { require.GreaterOrEqual(t, votesOf(t, s, post), int64(20)) })
	require.EqualValues(t, 20, votesOf(t, s, post))
}
