package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// setPages limits the size of the database. With 0 it cannot grow, so that the next large row fails as if the disk were full.
func setPages(t *testing.T, s *Store, pages int) {
	t.Helper()
	_, err := s.writer.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", max(pages, 1)))
	require.NoError(t, err)
}

// If the disk is full, SQLite rolls back the statement if it can, and otherwise the whole transaction. It can for an insert that
// checks a foreign key, but not for an update of one row.
var largeWrites = []struct {
	name  string
	write func(r domain.Repositories, user domain.UserID) error
	lost  error // the result of the other requests of the group
}{
	{"statement undone", func(r domain.Repositories, user domain.UserID) error {
		_, err := r.Posts().Insert(context.Background(), domain.NewPost{
			OwnerID: user, Title: "t", Content: strings.Repeat("x", domain.MaxContent), CreatedAt: moment,
		})
		return err
	}, nil},
	{"transaction undone", func(r domain.Repositories, user domain.UserID) error {
		_, err := r.Users().UpdatePasswordHash(context.Background(), user, "hash", strings.Repeat("x", 100_000))
		return err
	}, domain.ErrStoreUnavailable},
}

func TestFullDiskLosesNoAcknowledgedWrite(t *testing.T) {
	t.Parallel()
	for _, c := range largeWrites {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStoreWith(t, oneGroup())
			user, err := insertUser(t.Context(), s, "ada@example.org")
			require.NoError(t, err)
			setPages(t, s, 0)
			release, held := holdUp(t, s)
			answers := queued(t, s,
				insert(s, "before@example.org"),
				func() error { return ignoreFullDisk(s, user.ID, c.write) },
			)
			release()
			require.ErrorIs(t, <-answers[1], domain.ErrStoreUnavailable)
			require.ErrorIs(t, <-held, c.lost)
			require.ErrorIs(t, <-answers[0], c.lost)
			require.Equal(t, c.lost == nil, exists(t, s, "before@example.org"))
			require.False(t, exists(t, s, "next@example.org"))
			require.Zero(t, countRows(t, s, "posts"))

			require.ErrorIs(t, c.write(s, user.ID), domain.ErrStoreUnavailable, "it is still full")
			setPages(t, s, 1<<30)
			require.NoError(t, c.write(s, user.ID), "it works again")
		})
	}
}

// ignoreFullDisk runs a transaction that ignores a failed statement. If SQLite has rolled back the transaction, the second insert
// would be committed by itself.
func ignoreFullDisk(s *Store, user domain.UserID, large func(domain.Repositories, domain.UserID) error) error {
	return s.InTx(context.Background(), func(tx domain.Repositories) error {
		full := large(tx, user)
		_, next := insertUser(context.Background(), tx, "next@example.org")
		if !errors.Is(full, domain.ErrStoreUnavailable) || !errors.Is(next, domain.ErrStoreUnavailable) {
			return fmt.Errorf("full: %w, next: %w", full, next)
		}
		return nil
	})
}

// An interrupted statement rolls back its whole transaction.
func TestInterruptIsAnError(t *testing.T) {
	t.Parallel()
	s := newStoreWith(t, oneGroup())
	release, held := holdUp(t, s)
	answers := queued(t, s, insert(s, "before@example.org"), func() error {
		return s.writer.do(context.Background(), func(*tx) error {
			ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
			defer cancel()
			_, err := s.writer.conn.ExecContext(ctx, `INSERT INTO users (email, email_key, password_hash, created_at)
				WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, i, i, i FROM n`)
			return err
		})
	}, insert(s, "behind@example.org"))
	release()
	require.ErrorIs(t, <-answers[1], context.DeadlineExceeded)
	require.ErrorIs(t, <-held, domain.ErrStoreUnavailable)
	require.ErrorIs(t, <-answers[0], domain.ErrStoreUnavailable)
	require.NoError(t, <-answers[2], "the next group")
	require.False(t, exists(t, s, "before@example.org"))
	require.True(t, exists(t, s, "behind@example.org"))
}

// After a group was rolled back, the writer can commit the next one.
func TestALostGroupIsRolledBack(t *testing.T) {
	t.Parallel()
	s := newStoreWith(t, oneGroup())
	release, held := holdUp(t, s)
	answers := queued(t, s, insert(s, "before@example.org"), func() error {
		return s.writer.do(context.Background(), func(*tx) error { return s.writer.exec("RELEASE request") })
	})
	release()
	for _, answer := range append(answers, held) {
		require.ErrorIs(t, <-answer, domain.ErrStoreUnavailable)
	}
	require.NoError(t, insert(s, "after@example.org")())
	require.Equal(t, 1, countRows(t, s, "users"))
}

func TestALockedDatabaseIsUnavailable(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	_, err := s.writer.conn.ExecContext(t.Context(), "PRAGMA busy_timeout = 1")
	require.NoError(t, err)
	other, err := Open(t.Context(), s.path, Options{})
	require.NoError(t, err)
	release, held := holdUp(t, other)
	require.ErrorIs(t, insert(s, "ada@example.org")(), domain.ErrStoreUnavailable)
	release()
	require.NoError(t, <-held)
	require.NoError(t, insert(s, "ada@example.org")())
	require.NoError(t, other.Close())
}
