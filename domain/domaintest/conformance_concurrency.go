package domaintest

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var concurrencyCases = []storeCase{
	{"of many concurrent inserts of one address exactly one succeeds", oneAddress},
	{"a failed transaction frees its address", addressFreed},
	{"transactions that read and then write lose no update", noLostUpdate},
	{"all transactions that read and then write take effect", manyUpdates},
	{"acknowledged writes of many writers are stored", manyWriters},
}

func oneAddress(t *testing.T, s domain.Store) {
	const rivals = 16
	begin, results, winner := make(chan struct{}), make(chan error, rivals), make(chan string, rivals)
	for i := range rivals {
		email := domain.Email("ada@example.org")
		if i%2 == 1 {
			email = "ADA@EXAMPLE.org"
		}
		go func() {
			<-begin
			_, err := s.Users().Insert(t.Context(), domain.NewUser{Email: email, PasswordHash: fmt.Sprint(i), CreatedAt: moment})
			if err == nil {
				winner <- fmt.Sprint(i)
			}
			results <- err
		}()
	}
	close(begin)
	for range rivals {
		if err := wait(t, results); err != nil {
			require.ErrorIs(t, err, domain.ErrEmailTaken)
		}
	}
	require.Len(t, winner, 1)
	require.Equal(t, <-winner, hashOf(t, s, "ada@example.org"), "the winner's password is the one that works")
}

func newUserWith(hash string) domain.NewUser {
	return domain.NewUser{Email: "ada@example.org", PasswordHash: hash, CreatedAt: moment}
}

func addressFreed(t *testing.T, s domain.Store) {
	inserted, released, failure := make(chan struct{}, 8), make(chan struct{}), errors.New("boom")
	first := start(func() error {
		return s.InTx(t.Context(), func(tx domain.Repositories) error {
			_, err := tx.Users().Insert(t.Context(), newUserWith("first"))
			inserted <- struct{}{}
			<-released
			return errors.Join(err, failure)
		})
	})
	wait(t, inserted)
	second := start(func() error {
		_, err := s.Users().Insert(t.Context(), newUserWith("second"))
		return err
	})
	select {
	case err := <-second:
		require.Fail(t, "the second returned before the first had ended", "%v", err)
	case <-time.After(chance):
	}
	close(released)
	require.ErrorIs(t, wait(t, first), failure)
	require.NoError(t, wait(t, second))
	require.Equal(t, "second", hashOf(t, s, "ada@example.org"))
}

// increment increases the number in the content of a post. It calls meanwhile between its read and its write.
func increment(t *testing.T, s domain.Store, id domain.PostID, meanwhile func()) error {
	return s.InTx(t.Context(), func(tx domain.Repositories) error {
		post, err := tx.Posts().Visible(t.Context(), domain.Viewer{}, id)
		if err != nil {
			return err
		}
		meanwhile()
		n, err := strconv.Atoi(post.Content)
		if err != nil {
			return err
		}
		post.Content = strconv.Itoa(n + 1)
		_, err = tx.Posts().Update(t.Context(), post)
		return err
	})
}

// noLostUpdate lets a second writer read the row that the first one has read. A store either makes the second writer wait, or
// runs one of them again.
func noLostUpdate(t *testing.T, s domain.Store) {
	post := newPost(t, s, newUser(t, s, "ada@example.org").ID, "0")
	read, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	first := start(func() error {
		return increment(t, s, post.ID, func() {
			once.Do(func() {
				close(read)
				<-release
			})
		})
	})
	wait(t, read)
	written := make(chan struct{})
	second := start(func() error {
		defer close(written)
		return increment(t, s, post.ID, func() {})
	})
	select {
	case <-written:
	case <-time.After(chance):
	}
	close(release)
	require.NoError(t, wait(t, first))
	require.NoError(t, wait(t, second))
	require.Equal(t, "2", newestFirst(t, s)[0].Content)
}

func manyUpdates(t *testing.T, s domain.Store) {
	const writers, times = 4, 5
	post := newPost(t, s, newUser(t, s, "ada@example.org").ID, "0")
	results := make(chan error, writers)
	for range writers {
		go func() {
			var err error
			for range times {
				err = errors.Join(err, increment(t, s, post.ID, func() {}))
			}
			results <- err
		}()
	}
	for range writers {
		require.NoError(t, wait(t, results))
	}
	require.Equal(t, strconv.Itoa(writers*times), newestFirst(t, s)[0].Content)
}

func manyWriters(t *testing.T, s domain.Store) {
	const writers, each = 32, 8
	owner := newUser(t, s, "ada@example.org")
	posts, results := make(chan domain.Post, writers*each), make(chan error, writers)
	for i := range writers {
		go func() {
			var failed error
			for j := range each {
				post, err := s.Posts().Insert(t.Context(), publication(owner.ID, fmt.Sprint(i, j), moment))
				failed = errors.Join(failed, err)
				posts <- post
			}
			results <- failed
		}()
	}
	for range writers {
		require.NoError(t, wait(t, results))
	}
	close(posts)
	ids := map[domain.PostID]bool{}
	for post := range posts {
		ids[post.ID] = true
		requireStored(t, s, post)
	}
	require.Len(t, ids, writers*each)
	require.Len(t, readAll(t, s, domain.PostRange{Limit: domain.MaxPageLimit}), writers*each)
}
