package password

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

const busy, quiet, third = "192.0.2.1", "192.0.2.2", "192.0.2.3"

func TestNetworksTakeTurns(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		results := map[domain.Network]<-chan error{
			busy:  s.verifyFrom(t.Context(), busy, 1+5),
			quiet: s.verifyFrom(t.Context(), quiet, 2),
			third: s.verifyFrom(t.Context(), third, 1),
		}
		for _, network := range []domain.Network{busy, busy, quiet, third, busy, quiet, busy, busy, busy} {
			s.letGo <- struct{}{}
			synctest.Wait()
			require.Len(t, results[network], 1, network)
			require.NoError(t, <-results[network])
		}
		s.finish()
	}, 1, 9)
}

func TestNewCallsOfANetworkDoNotStarveTheOthers(t *testing.T) {
	t.Parallel()
	q := queue{capacity: 9, hashes: 9}
	for _, network := range []domain.Network{busy, busy, busy, quiet} {
		require.True(t, q.add(newWaiter(network, false)))
	}
	var served []domain.Network
	for range 7 {
		w := q.next()
		served = append(served, w.network)
		if w.network == quiet {
			require.True(t, q.add(newWaiter(quiet, false)))
		}
	}
	require.Equal(t, []domain.Network{busy, quiet, busy, quiet, busy, quiet, quiet}, served)
}

// TestNetworksThatComeAgainDoNotDelayOthers: a network that sends its next call as soon as the last one works must not get
// before the calls that wait.
func TestNetworksThatComeAgainDoNotDelayOthers(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		s.verifyFrom(t.Context(), third, 1)
		waiting := s.verifyFrom(t.Context(), quiet, 3)
		for served := range 3 {
			s.verifyFrom(t.Context(), busy, 1)
			require.Len(t, waiting, served)
			for range 2 {
				s.letGo <- struct{}{}
				synctest.Wait()
			}
		}
		s.finish()
	}, 1, 9)
}

func TestACallGetsThePlaceOfAnEarlierOneThatLeft(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		s.verifyFrom(t.Context(), third, 1)
		ctx, leave := context.WithCancel(t.Context())
		s.verifyFrom(ctx, quiet, 3)
		stays := s.verifyFrom(t.Context(), quiet, 1)
		s.verifyFrom(t.Context(), busy, 5)
		leave()
		synctest.Wait()
		for range 2 {
			s.letGo <- struct{}{}
			synctest.Wait()
		}
		require.Len(t, stays, 1, "the network has no other call, so it is its turn")
		s.finish()
	}, 1, 9)
}

func TestTheNetworkWithTheMostWaitersLosesItsNewest(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		first := s.verifyFrom(t.Context(), busy, 1+7)
		newest := s.verifyFrom(t.Context(), busy, 1)
		require.Empty(t, newest, "one network may fill the queue")
		refused(t, s.verifyFrom(t.Context(), busy, 1))

		others := s.verifyFrom(t.Context(), quiet, 1)
		require.Empty(t, others)
		refused(t, newest)
		require.Empty(t, first)

		shared := s.verifyFrom(t.Context(), quiet, 3)
		require.Empty(t, shared, "each network may use half of the queue")
		require.Len(t, first, 3)
		refused(t, s.verifyFrom(t.Context(), quiet, 1))
		s.finish()
		require.Len(t, others, 1)
		require.NoError(t, <-others)
	}, 1, 8)
}

func TestAFullQueueOfOneWaiterEachRefusesNewcomers(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		s.verifyFrom(t.Context(), busy, 1)
		waiting := s.verifyFrom(t.Context(), busy, 1)
		s.verifyFrom(t.Context(), quiet, 1)
		refused(t, s.verifyFrom(t.Context(), third, 1))
		require.Empty(t, waiting)
		s.finish()
	}, 1, 2)
}

func TestNetworksShareTheHalfThatIsForSignUps(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		running := s.hashFrom(t.Context(), busy, 1)
		signUps := s.hashFrom(t.Context(), busy, 4)
		logins := s.verifyFrom(t.Context(), busy, 3)
		refused(t, s.hashFrom(t.Context(), busy, 1))

		other := s.hashFrom(t.Context(), quiet, 1)
		require.Empty(t, other)
		require.Len(t, signUps, 1, "the newest sign-up makes room for a sign-up")
		require.Empty(t, logins)

		require.Empty(t, s.verifyFrom(t.Context(), quiet, 2))
		require.Empty(t, logins, "there was room")
		require.Empty(t, s.verifyFrom(t.Context(), quiet, 1))
		require.Len(t, logins, 1, "the newest waiter of either kind makes room for a login")
		s.finish()
		require.NoError(t, <-running)
	}, 1, 9)
}

func TestOneNetworkAloneKeepsAllWorkersBusy(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		const step = 20 * time.Millisecond
		s.key = func(_, _ []byte, _, _ uint32, _ uint8, length uint32) []byte {
			time.Sleep(step)
			return make([]byte, length)
		}
		began := time.Now()
		s.verifyFrom(t.Context(), busy, 3+57)
		s.calls.Wait()
		require.Equal(t, 60/3*step, time.Since(began))
	}, 3, 57)
}

// TestNoWorkerIsLostByCallsThatStopWaiting lets calls stop waiting at the moment at which they get a worker.
func TestNoWorkerIsLostByCallsThatStopWaiting(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		const step = 100 * time.Millisecond
		s.key = func(_, _ []byte, _, _ uint32, _ uint8, length uint32) []byte {
			time.Sleep(step)
			return make([]byte, length)
		}
		var calls sync.WaitGroup
		for i := range 40 {
			calls.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%10+1)*step)
				defer cancel()
				_, _, _ = s.Verify(ctx, []domain.Network{busy, quiet, third}[i%3], s.known, domain.NewPassword("x"))
			})
		}
		calls.Wait()
	}, 3, 30)
}
