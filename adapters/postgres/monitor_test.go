package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// Readiness and ended sessions have reserved connections.
func TestLoadDoesNotDelayReadinessOrEndedSessions(t *testing.T) {
	t.Parallel()
	s := openStore(t, pgtest.Migrated(t, Migrate), Options{MaxConns: 2})
	busy, free := make(chan struct{}), make(chan struct{})
	defer close(free)
	for range s.options.MaxConns {
		go func() {
			_ = s.readConn(context.Background(), func(context.Context, *pgx.Conn) error {
				busy <- struct{}{}
				<-free
				return nil
			})
		}()
		<-busy
	}
	wait := s.options.AcquireTimeout
	s.options.AcquireTimeout = short
	_, err := s.Now(t.Context())
	require.ErrorIs(t, err, domain.ErrStoreUnavailable, "no connection is free")
	s.options.AcquireTimeout = wait // what follows may open connections, which takes time on a slow machine

	require.NoError(t, s.Ping(t.Context()))
	monitor := s.Monitor()
	_, err = monitor.Now(t.Context())
	require.NoError(t, err)
	_, err = monitor.Sessions().EndedAfter(t.Context(), domain.SessionEnd{EndedAt: time.Now()}, 10)
	require.NoError(t, err)
}
