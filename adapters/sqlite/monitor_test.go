package sqlite

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

// Readiness and ended sessions have reserved connections.
func TestLoadDoesNotDelayReadinessOrEndedSessions(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	busy, free := make(chan struct{}), make(chan struct{})
	defer close(free)
	for range s.limits.readers {
		go func() {
			_ = s.read(context.Background(), func(context.Context, *litedb.Queries) error {
				busy <- struct{}{}
				<-free
				return nil
			})
		}()
		<-busy
	}
	go func() {
		_ = s.InTx(context.Background(), func(domain.Repositories) error {
			busy <- struct{}{}
			<-free
			return nil
		})
	}()
	<-busy
	ended, end := context.WithCancel(t.Context())
	end()
	_, err := s.Users().ByID(ended, 1)
	require.Error(t, err, "no connection is free")

	require.NoError(t, s.Ping(t.Context()))
	monitor := s.Monitor()
	_, err = monitor.Now(t.Context())
	require.NoError(t, err)
	_, err = monitor.Sessions().EndedAfter(t.Context(), domain.SessionEnd{EndedAt: moment}, 10)
	require.NoError(t, err)
}
