package domaintest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.com/postern/domain"
)

var versionCases = []storeCase{
	{"a post of another version is not deleted", deleteStale},
	{"of many concurrent writes of one version exactly one succeeds", oneWriterWins},
	{"of many concurrent edits and deletions of one version exactly one succeeds", oneEditOrDelete},
	{"any text is read exactly as it was written", anyText},
}

func deleteStale(t *testing.T, s domain.Store) {
	post := newPost(t, s, newUser(t, s, "ada@example.org").ID, "c")
	post, err := s.Posts().Update(t.Context(), post)
	require.NoError(t, err)
	for _, version := range []domain.Version{0, 1, 3, -1} {
		require.ErrorIs(t, s.Posts().Delete(t.Context(), post.ID, post.OwnerID, version), domain.ErrPostNotFound)
	}
	requireStored(t, s, post)
	require.NoError(t, s.Posts().Delete(t.Context(), post.ID, post.OwnerID, 2))
}

// race runs fn in n goroutines concurrently. It returns the numbers of those that returned nil, and requires that the others
// returned ErrPostNotFound.
func race(t *testing.T, n int, fn func(i int) error) (winners []int) {
	t.Helper()
	type result struct {
		i   int
		err error
	}
	begin, results := make(chan struct{}), make(chan result, n)
	for i := range n {
		go func() {
			<-begin
			results <- result{i, fn(i)}
		}()
	}
	close(begin)
	for range n {
		if r := wait(t, results); r.err == nil {
			winners = append(winners, r.i)
		} else {
			require.ErrorIs(t, r.err, domain.ErrPostNotFound)
		}
	}
	return winners
}

// oneWriterWins makes half of the writers read the post again in a transaction, like the service.
func oneWriterWins(t *testing.T, s domain.Store) {
	const writers, rounds = 32, 8
	post := newPost(t, s, newUser(t, s, "ada@example.org").ID, "0")
	for round := range rounds {
		winners := race(t, writers, func(i int) error {
			edit := post
			edit.Content = fmt.Sprint(round, i)
			if i%2 == 0 {
				return second(s.Posts().Update(t.Context(), edit))
			}
			return s.InTx(t.Context(), func(tx domain.Repositories) error {
				found, err := tx.Posts().Visible(t.Context(), domain.Viewer{UserID: edit.OwnerID}, edit.ID)
				if err == nil && found.Version != edit.Version {
					err = domain.ErrPostNotFound
				}
				return errors.Join(err, second(tx.Posts().Update(t.Context(), edit)))
			})
		})
		require.Len(t, winners, 1)
		post.Version++
		post.Content = fmt.Sprint(round, winners[0])
		requireStored(t, s, post)
	}
}

func oneEditOrDelete(t *testing.T, s domain.Store) {
	owner := newUser(t, s, "ada@example.org").ID
	for range 4 {
		post := newPost(t, s, owner, "c")
		winners := race(t, 8, func(i int) error {
			if i%2 == 0 {
				return s.Posts().Delete(t.Context(), post.ID, owner, post.Version)
			}
			return second(s.Posts().Update(t.Context(), post))
		})
		require.Len(t, winners, 1)
		_, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: post.OwnerID}, post.ID)
		require.Equal(t, winners[0]%2 == 0, errors.Is(err, domain.ErrPostNotFound))
	}
}

// anyText generates any valid Unicode text without NUL.
func anyText(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org")
	text := rapid.StringOfN(rapid.OneOf(rapid.Rune(), rapid.RuneFrom([]rune{'\u0001', '\u0300', '\u1100', '\uFEFF', '\uFFFE', 0x10FFFF})), 1, 60, -1).
		Filter(func(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) })
	rapid.Check(t, func(rt *rapid.T) {
		title, content, name := text.Draw(rt, "title"), text.Draw(rt, "content"), text.Draw(rt, "name")
		_, err := s.Users().Rename(t.Context(), user.ID, &name)
		require.NoError(rt, err)
		inserted, err := s.Posts().Insert(t.Context(), publication(user.ID, content, moment))
		require.NoError(rt, err)
		inserted.Title = title
		updated, err := s.Posts().Update(t.Context(), inserted)
		require.NoError(rt, err)
		found, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: inserted.OwnerID}, inserted.ID)
		require.NoError(rt, err)
		require.Equal(rt, updated, found)
		require.True(rt, slices.Equal([]string{title, content, name}, []string{found.Title, found.Content, *found.OwnerName}))
	})
}
