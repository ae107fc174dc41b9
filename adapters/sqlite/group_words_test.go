package sqlite

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// insertWord inserts a post of one word.
func insertWord(r domain.Repositories, owner domain.UserID, word string) error {
	_, err := r.Posts().Insert(context.Background(), domain.NewPost{
		OwnerID: owner, Title: "title", Content: word, Published: true, CreatedAt: moment, PublishedAt: &moment,
	})
	return err
}

func TestPostsOfAGroupAreSearchableAfterTheCommit(t *testing.T) {
	t.Parallel()
	s := newStoreWith(t, oneGroup())
	owner := addPost(t, s, "first").OwnerID
	release, held := holdUp(t, s)
	answers := queued(t, s,
		func() error { return insertWord(s, owner, "alpha") },
		func() error {
			return s.InTx(context.Background(), func(tx domain.Repositories) error {
				require.NoError(t, insertWord(tx, owner, "undone"))
				return domain.ErrPostChanged
			})
		},
		func() error {
			return s.InTx(context.Background(), func(tx domain.Repositories) error {
				post, err := tx.Posts().Visible(context.Background(), domain.Viewer{}, 2) // it is not committed yet
				if err != nil {
					return err
				}
				post.Content = "beta"
				_, err = tx.Posts().Update(context.Background(), post)
				return err
			})
		},
		func() error { return insertWord(s, owner, "gamma") },
	)
	release()
	require.NoError(t, <-held)
	for i, want := range []error{nil, domain.ErrPostChanged, nil, nil} {
		require.ErrorIs(t, <-answers[i], want)
	}
	for word, want := range map[string]bool{"first": true, "alpha": false, "undone": false, "beta": true, "gamma": true} {
		require.Equal(t, want, finds(t, s, word), word)
		require.Equal(t, map[bool]int{true: 1}[want], countRows(t, s, "post_search WHERE words MATCH '"+word+"'"), word)
	}
	require.Zero(t, countRows(t, s, toIndex))
}

func TestGroupIsCommittedIfItsIndexFails(t *testing.T) {
	t.Parallel()
	s := newStoreWith(t, oneGroup())
	post := addPost(t, s, "first")
	for _, statement := range []string{
		"DROP TABLE post_search", "CREATE TABLE post_search (words TEXT CONSTRAINT broken CHECK (words NOT LIKE '%beta%'))",
	} {
		_, err := s.writer.conn.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	release, held := holdUp(t, s)
	answers := queued(t, s,
		func() error { return insertWord(s, post.OwnerID, "alpha") },
		insert(s, "bob@example.org"),
		func() error { return insertWord(s, post.OwnerID, "beta") },
	)
	release()
	require.NoError(t, <-held)
	for _, answer := range answers {
		require.NoError(t, <-answer)
	}
	require.True(t, exists(t, s, "bob@example.org"))
	require.Equal(t, 3, countRows(t, s, "posts"))
	require.Equal(t, 2, countRows(t, s, toIndex), "both are left to Index")

	require.Zero(t, countRows(t, s, "post_search"))

	n, err := s.Posts().Index(t.Context(), 10)
	require.ErrorContains(t, err, "broken")
	require.Equal(t, 1, n)
	require.Equal(t, 1, countRows(t, s, "post_search WHERE words LIKE '%alpha%'"))
	require.Equal(t, 1, countRows(t, s, toIndex))
}

func TestGroupIsBoundedByItsText(t *testing.T) {
	t.Parallel()
	s := newStoreWith(t, oneGroup())
	owner := addPost(t, s, "first").OwnerID
	release, held := holdUp(t, s)
	seen := 0
	answers := queued(t, s,
		func() error { return insertWord(s, owner, ideographs(maxIndexedAtOnce/4)) },
		func() error {
			return s.InTx(context.Background(), func(domain.Repositories) error {
				seen = countRows(t, s, "posts") // the committed posts
				return nil
			})
		},
	)
	release()
	require.NoError(t, <-held)
	for _, answer := range answers {
		require.NoError(t, <-answer)
	}
	require.Equal(t, 2, seen, "the text was committed before the next request ran")
}
