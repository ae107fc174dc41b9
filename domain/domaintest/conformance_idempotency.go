package domaintest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

var idempotencyCases = []storeCase{
	{"a record is read as it was inserted", recordRoundTrip},
	{"a key that is taken is not changed", recordTaken},
	{"an expired record is replaced", recordReplaced},
	{"a key belongs to one user", recordOfUser},
	{"a record and its post are committed together", recordRolledBack},
	{"of many concurrent inserts of one key exactly one succeeds", recordOnce},
	{"an insert waits for a concurrent insert of the same key", recordHeld},
	{"a failed transaction frees its key", recordFreed},
	{"expired records are deleted in batches", recordsExpire},
}

func record(user domain.UserID, key string) domain.IdempotencyRecord {
	name := "Ada 🦉"
	return domain.IdempotencyRecord{
		UserID: user, Key: key, Fingerprint: "fingerprint of " + key, PostID: domain.MaxID, CreatedAt: moment.Add(time.Microsecond),
		OwnerName: &name, ExpiresAt: moment.Add(time.Hour),
	}
}

func requireRecord(t *testing.T, s domain.Store, want domain.IdempotencyRecord) {
	t.Helper()
	got, err := s.Idempotency().Replay(t.Context(), want.UserID, want.Key, want.ExpiresAt.Add(-time.Microsecond))
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func requireNoRecord(t *testing.T, s domain.Store, user domain.UserID, key string, now time.Time) {
	t.Helper()
	got, err := s.Idempotency().Replay(t.Context(), user, key, now)
	require.ErrorIs(t, err, domain.ErrNoIdempotencyRecord)
	require.Zero(t, got)
}

func recordRoundTrip(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org").ID
	longest := ""
	for len(longest) < 255 {
		longest += string(rune('!' + len(longest)%('~'-'!'+1)))
	}
	for _, key := range []string{"k", "K", longest, `'";%_\`} {
		want := record(user, key)
		require.NoError(t, s.Idempotency().Insert(t.Context(), want, moment, domain.IdempotencyWait))
		requireRecord(t, s, want)
		requireRecord(t, s, want)
		requireNoRecord(t, s, user, key, want.ExpiresAt)
	}
	nameless := record(user, "nameless")
	nameless.OwnerName = nil
	require.NoError(t, s.Idempotency().Insert(t.Context(), nameless, moment, domain.IdempotencyWait))
	requireRecord(t, s, nameless)
	requireNoRecord(t, s, user, "unknown", moment)
	requireNoRecord(t, s, user, "", moment)
}

func recordTaken(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org").ID
	first, second := record(user, "key"), record(user, "key")
	second.Fingerprint, second.PostID = "another", 2
	require.NoError(t, s.Idempotency().Insert(t.Context(), first, moment, domain.IdempotencyWait))
	last := first.ExpiresAt.Add(-time.Microsecond)
	for range 2 {
		require.ErrorIs(t, s.Idempotency().Insert(t.Context(), second, last, domain.IdempotencyWait), domain.ErrIdempotencyKeyTaken)
		requireRecord(t, s, first)
	}
	require.ErrorIs(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		return tx.Idempotency().Insert(t.Context(), second, last, domain.IdempotencyWait)
	}), domain.ErrIdempotencyKeyTaken)
	requireRecord(t, s, first)
}

func recordReplaced(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org").ID
	first, second := record(user, "key"), record(user, "key")
	second.Fingerprint, second.ExpiresAt, second.OwnerName = "another", first.ExpiresAt.Add(time.Hour), nil
	require.NoError(t, s.Idempotency().Insert(t.Context(), first, moment, domain.IdempotencyWait))
	require.NoError(t, s.Idempotency().Insert(t.Context(), second, first.ExpiresAt, domain.IdempotencyWait))
	requireRecord(t, s, second)
}

func recordOfUser(t *testing.T, s domain.Store) {
	ada, bob := newUser(t, s, "ada@example.org").ID, newUser(t, s, "bob@example.org").ID
	hers, his := record(ada, "key"), record(bob, "key")
	his.Fingerprint = "another"
	require.NoError(t, s.Idempotency().Insert(t.Context(), hers, moment, domain.IdempotencyWait))
	requireNoRecord(t, s, bob, "key", moment)
	require.NoError(t, s.Idempotency().Insert(t.Context(), his, moment, domain.IdempotencyWait))
	requireRecord(t, s, hers)
	requireRecord(t, s, his)
}

// insertOnce inserts a post and its record, like the service.
func insertOnce(t *testing.T, tx domain.Repositories, user domain.UserID, content string) (domain.IdempotencyRecord, error) {
	kept := record(user, "key")
	post, err := tx.Posts().Insert(t.Context(), publication(user, content, moment))
	if err != nil {
		return kept, err
	}
	kept.PostID = post.ID
	return kept, tx.Idempotency().Insert(t.Context(), kept, moment, domain.IdempotencyWait)
}

func recordRolledBack(t *testing.T, s domain.Store) {
	user, failure := newUser(t, s, "ada@example.org").ID, errors.New("boom")
	require.ErrorIs(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		_, err := insertOnce(t, tx, user, "c")
		return errors.Join(err, failure)
	}), failure)
	requireNoRecord(t, s, user, "key", moment)
	require.Empty(t, newestFirst(t, s))

	require.NoError(t, s.Idempotency().Insert(t.Context(), record(user, "key"), moment, domain.IdempotencyWait))
	require.ErrorIs(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		_, err := insertOnce(t, tx, user, "c")
		return err
	}), domain.ErrIdempotencyKeyTaken)
	requireRecord(t, s, record(user, "key"))
	require.Empty(t, newestFirst(t, s))
}

// recordOnce checks that a request that could not insert its record can then read the other one.
func recordOnce(t *testing.T, s domain.Store) {
	const rivals = 16
	user := newUser(t, s, "ada@example.org").ID
	begin, results := make(chan struct{}), make(chan error, rivals)
	for i := range rivals {
		go func() {
			<-begin
			results <- s.InTx(t.Context(), func(tx domain.Repositories) error {
				_, err := insertOnce(t, tx, user, fmt.Sprint(i))
				return err
			})
		}()
	}
	close(begin)
	kept := 0
	for range rivals {
		if err := wait(t, results); err == nil {
			kept++
		} else if !errors.Is(err, domain.ErrIdempotencyInProgress) {
			require.ErrorIs(t, err, domain.ErrIdempotencyKeyTaken)
		}
	}
	require.Equal(t, 1, kept)
	posts := newestFirst(t, s)
	require.Len(t, posts, 1)
	want := record(user, "key")
	want.PostID = posts[0].ID
	requireRecord(t, s, want)
}

// holdRecord begins a transaction that inserts a record and waits. release makes it return outcome.
func holdRecord(t *testing.T, s domain.Store, user domain.UserID, outcome error) (release func() error) {
	t.Helper()
	added, released := make(chan error, 8), make(chan struct{})
	ended := start(func() error {
		return s.InTx(t.Context(), func(tx domain.Repositories) error {
			err := tx.Idempotency().Insert(t.Context(), record(user, "key"), moment, domain.IdempotencyWait)
			added <- err
			<-released
			return errors.Join(err, outcome)
		})
	})
	require.NoError(t, wait(t, added))
	return func() error {
		close(released)
		return wait(t, ended)
	}
}

// insertBeside inserts a record that another transaction is inserting, and checks that it waits.
func insertBeside(t *testing.T, s domain.Store, user domain.UserID) <-chan error {
	t.Helper()
	second := start(func() error {
		return s.InTx(t.Context(), func(tx domain.Repositories) error {
			return tx.Idempotency().Insert(t.Context(), record(user, "key"), moment, domain.IdempotencyWait)
		})
	})
	select {
	case err := <-second:
		require.Fail(t, "the second returned before the first had ended", "%v", err)
	case <-time.After(chance):
	}
	return second
}

func recordHeld(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org").ID
	release := holdRecord(t, s, user, nil)
	second := insertBeside(t, s, user)
	require.NoError(t, release())
	if err := wait(t, second); !errors.Is(err, domain.ErrIdempotencyInProgress) {
		require.ErrorIs(t, err, domain.ErrIdempotencyKeyTaken)
	}
	requireRecord(t, s, record(user, "key"))
}

func recordFreed(t *testing.T, s domain.Store) {
	user, failure := newUser(t, s, "ada@example.org").ID, errors.New("boom")
	release := holdRecord(t, s, user, failure)
	second := insertBeside(t, s, user)
	require.ErrorIs(t, release(), failure)
	require.NoError(t, wait(t, second))
	requireRecord(t, s, record(user, "key"))
}

func recordsExpire(t *testing.T, s domain.Store) {
	user := newUser(t, s, "ada@example.org").ID
	for i := range 7 {
		r := record(user, fmt.Sprint(i))
		r.ExpiresAt = moment.Add(time.Duration(i) * time.Microsecond)
		require.NoError(t, s.Idempotency().Insert(t.Context(), r, moment.Add(-time.Hour), domain.IdempotencyWait))
	}
	now := moment.Add(4 * time.Microsecond)
	for _, c := range []struct{ limit, want int }{{-1, 0}, {0, 0}, {3, 3}, {3, 2}, {3, 0}} {
		n, err := s.Idempotency().DeleteExpired(t.Context(), now, c.limit)
		require.NoError(t, err)
		require.Equal(t, c.want, n)
	}
	for i := range 7 {
		key, before := fmt.Sprint(i), moment.Add(-time.Hour)
		if i <= 4 {
			requireNoRecord(t, s, user, key, before)
		} else {
			require.NoError(t, second(s.Idempotency().Replay(t.Context(), user, key, before)))
		}
	}
}
