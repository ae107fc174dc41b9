package postgres

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

func TestRetriesAndUnknownOutcomesAreObserved(t *testing.T) {
	t.Parallel()
	p, url := newProxy(t, pgtest.Migrated(t, Migrate))
	var retried, unknown atomic.Int32
	s := openStore(t, url, Options{Retried: func() { retried.Add(1) }, OutcomeUnknown: func() { unknown.Add(1) }})
	require.Zero(t, retried.Load())

	p.cutAt("ada@example.org", true, 1)
	_, err := s.Users().Credential(t.Context(), "ada@example.org")
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	require.Equal(t, []int32{1, 0}, []int32{retried.Load(), unknown.Load()})

	p.cutAt("commit", true, 1)
	runs := 0
	require.ErrorIs(t, insertInTx(t.Context(), s, &runs), domain.ErrOutcomeUnknown)
	require.Equal(t, []int32{1, 1}, []int32{retried.Load(), unknown.Load()})
}

func TestConnections(t *testing.T) {
	t.Parallel()
	s := newStore(t, Options{})
	require.NoError(t, s.Ping(t.Context()))
	require.NoError(t, s.readConn(t.Context(), func(context.Context, *pgx.Conn) error {
		used, idle := s.Connections()
		require.Equal(t, 1, used)
		require.Positive(t, idle)
		return nil
	}))
	used, _ := s.Connections()
	require.Zero(t, used)
}

func TestSearchBacklog(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	fill(t, url, "3", "i")
	s := openStore(t, url, Options{})
	execIn(t, url, "UPDATE posts SET indexed_version = 0")
	for limit, want := range map[int]int{10: 3, 2: 2} {
		n, err := s.SearchBacklog(t.Context(), limit)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	_, err := s.Posts().Index(t.Context(), 2)
	require.NoError(t, err)
	n, err := s.SearchBacklog(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
