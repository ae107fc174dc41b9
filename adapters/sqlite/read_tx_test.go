package sqlite

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// A long read keeps SQLite from reusing the write-ahead log. Its reads fail before the log fills the disk, and later the log is
// reused.
func TestReadTxBoundsTheLog(t *testing.T) {
	t.Parallel()
	l := defaultLimits()
	l.logGrowth, l.logInterval = 12<<20, time.Millisecond
	s := newStoreWith(t, l)
	owner, err := insertUser(t.Context(), s, "ada@example.org")
	require.NoError(t, err)
	hash, writes := "hash", 0
	write := func(times int) {
		for range times {
			writes++
			next := strings.Repeat("h", 250_000+writes)
			swapped, err := s.Users().UpdatePasswordHash(t.Context(), owner.ID, hash, next)
			require.NoError(t, err)
			require.True(t, swapped)
			hash = next
		}
	}
	read := func(tx domain.Repositories) error { _, err := tx.Users().ByID(t.Context(), owner.ID); return err }
	require.NoError(t, s.ReadTx(t.Context(), func(tx domain.Repositories) error {
		require.NoError(t, read(tx))
		for before := s.logSize(); s.logSize() <= before+l.logGrowth; {
			require.NoError(t, read(tx))
			write(1)
		}
		require.Eventually(t, func() bool { return errors.Is(read(tx), domain.ErrStoreUnavailable) }, time.Minute, time.Millisecond)
		require.NoError(t, s.ReadTx(t.Context(), read), "others may read")
		write(10) // the first ones are still appended: the log is only reused once a checkpoint has copied all of it
		largest := s.logSize()
		write(60)
		require.Equal(t, largest, s.logSize(), "the transaction has ended, although its function has not")
		return nil
	}))
}

// Any number of them take no connection from requests, and leave none behind.
func TestReadTxHasItsOwnConnection(t *testing.T) {
	t.Parallel()
	l := defaultLimits()
	l.readers = 1
	s := newStoreWith(t, l)
	var nested func(depth int) error
	nested = func(depth int) error {
		return s.ReadTx(t.Context(), func(tx domain.Repositories) error {
			_, err := tx.Epoch(t.Context())
			require.NoError(t, err)
			if depth > 0 {
				return nested(depth - 1)
			}
			require.Equal(t, 20, s.longDB.Stats().InUse)
			_, err = insertUser(t.Context(), s, "ada@example.org")
			require.NoError(t, err)
			require.True(t, exists(t, s, "ada@example.org"))
			return nil
		})
	}
	require.NoError(t, nested(19))
	require.Zero(t, s.longDB.Stats().OpenConnections)
}

func TestReadTxAfterClose(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), fmt.Sprintf("%s/postern.db", t.TempDir()), Options{})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.ReadTx(t.Context(), func(domain.Repositories) error { return nil }), domain.ErrStoreUnavailable)
}
