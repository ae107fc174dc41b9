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

const maxWait = 2 * time.Second

// stalled is a Hasher whose work waits until the test releases it. It counts running work.
type stalled struct {
	*Hasher
	mu            sync.Mutex
	running, peak int
	letGo         chan struct{}
	waits         chan time.Duration // as reported by Waited
	calls         sync.WaitGroup
	known         string
}

func newStalled(workers, queue int) *stalled {
	s := &stalled{letGo: make(chan struct{}), waits: make(chan time.Duration, 1000), known: phc{cheap, make([]byte, saltLength), make([]byte, tagLength)}.String()}
	s.Hasher = NewUnchecked(Options{
		Memory: cheap.memory, Time: cheap.time, Threads: cheap.threads, Workers: workers, Queue: queue, MaxWait: maxWait,
		Waited: func(d time.Duration) { s.waits <- d },
	})
	s.key = func(_, _ []byte, _, _ uint32, _ uint8, length uint32) []byte {
		s.count(1)
		defer s.count(-1)
		<-s.letGo
		return make([]byte, length)
	}
	return s
}

func (s *stalled) count(step int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running += step
	s.peak = max(s.peak, s.running)
}

// hash and verify start n calls, and return when all of them run, wait or have ended. The channel receives every result.
func (s *stalled) hash(ctx context.Context, n int) <-chan error { return s.hashFrom(ctx, "", n) }

func (s *stalled) verify(ctx context.Context, n int) <-chan error { return s.verifyFrom(ctx, "", n) }

func (s *stalled) hashFrom(ctx context.Context, from domain.Network, n int) <-chan error {
	return s.start(n, func() error {
		_, err := s.Hash(ctx, from, domain.NewPassword("x"))
		return err
	})
}

func (s *stalled) verifyFrom(ctx context.Context, from domain.Network, n int) <-chan error {
	return s.start(n, func() error {
		_, _, err := s.Verify(ctx, from, s.known, domain.NewPassword("x"))
		return err
	})
}

// refused checks that a call was refused without waiting.
func refused(t *testing.T, results <-chan error) {
	t.Helper()
	require.Len(t, results, 1, "the call must not wait")
	require.ErrorIs(t, <-results, domain.ErrHasherBusy)
}

func (s *stalled) start(n int, call func() error) <-chan error {
	results := make(chan error, n)
	for range n {
		s.calls.Go(func() { results <- call() })
	}
	synctest.Wait()
	return results
}

// finish releases all work, and waits for all calls.
func (s *stalled) finish() {
	close(s.letGo)
	s.calls.Wait()
}

// bubble runs a test in fake time, which stands still while a goroutine can run. It fails if a goroutine does not end, or if
// a worker is not given back.
func bubble(t *testing.T, test func(t *testing.T, s *stalled), workers, queue int) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStalled(workers, queue)
		test(t, s)
		require.Equal(t, workers, s.gate.idle)
		require.Empty(t, s.gate.queue.waiters)
	})
}

func TestNoMoreThanWorkersRunAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		results := s.verify(t.Context(), 12)
		require.Equal(t, 3, s.running)
		for range 12 {
			s.letGo <- struct{}{}
			require.NoError(t, <-results)
		}
		require.Equal(t, 3, s.peak)
		s.finish()
	}, 3, 9)
}

func TestTheQueueIsObserved(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		results := s.verify(t.Context(), 2)
		require.Equal(t, 1, s.Waiting())
		time.Sleep(maxWait / 2)
		s.letGo <- struct{}{}
		require.NoError(t, <-results)
		synctest.Wait()
		require.Zero(t, s.Waiting())
		require.Zero(t, <-s.waits, "the first call found an idle worker")
		require.Equal(t, maxWait/2, <-s.waits)
		given := s.verify(t.Context(), 1)
		time.Sleep(maxWait)
		require.ErrorIs(t, <-given, domain.ErrHasherBusy)
		require.Empty(t, s.waits, "a call that gave up did not get its turn")
		s.finish()
	}, 1, 4)
}

func TestAFullQueueAnswersAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		waiting := s.verify(t.Context(), 5)
		require.Empty(t, waiting)
		refused(t, s.verify(t.Context(), 1))
		s.finish()
		for range 5 {
			require.NoError(t, <-waiting)
		}
	}, 1, 4)
}

func TestHashFillsAtMostHalfOfTheQueue(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		admitted := s.hash(t.Context(), 1+2)
		require.Empty(t, admitted, "a worker and half of the queue are free")
		refused(t, s.hash(t.Context(), 1))
		require.Empty(t, s.verify(t.Context(), 2), "the other half is for logins")
		refused(t, s.verify(t.Context(), 1))
		s.finish()
	}, 1, 4)
}

func TestWaitingLoginsLeaveRoomForHash(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		require.Empty(t, s.verify(t.Context(), 1+2))
		require.Empty(t, s.hash(t.Context(), 2))
		s.finish()
	}, 1, 4)
}

func TestWaitingEndsAfterMaxWait(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		running := s.verify(t.Context(), 1)
		start := time.Now()
		require.ErrorIs(t, <-s.hash(t.Context(), 1), domain.ErrHasherBusy)
		require.Equal(t, maxWait, time.Since(start))
		require.Empty(t, running, "running work is not interrupted")
		s.finish()
	}, 1, 4)
}

func TestLeavingTheQueueFreesThePlace(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		s.verify(t.Context(), 1)
		ctx, leave := context.WithCancel(t.Context())
		hashes, logins := s.hash(ctx, 2), s.verify(ctx, 2)
		refused(t, s.verify(t.Context(), 1))
		leave()
		for _, left := range []<-chan error{hashes, logins, hashes, logins} {
			require.ErrorIs(t, <-left, context.Canceled)
		}
		require.Empty(t, s.hash(t.Context(), 2))
		require.Empty(t, s.verify(t.Context(), 2))
		require.Equal(t, 1, s.running)
		s.finish()
	}, 1, 4)
}

func TestNothingRunsOnceTheContextHasEnded(t *testing.T) {
	bubble(t, func(t *testing.T, s *stalled) {
		ctx, end := context.WithCancel(t.Context())
		end()
		require.ErrorIs(t, <-s.hash(ctx, 1), context.Canceled)
		require.ErrorIs(t, <-s.verify(ctx, 1), context.Canceled)
		require.Zero(t, s.peak)
		s.finish()
	}, 1, 4)
}

func TestAPanicFreesTheWorker(t *testing.T) {
	t.Parallel()
	h := NewUnchecked(Options{cheap.memory, cheap.time, cheap.threads, 1, 1, maxWait, nil})
	work := h.key
	h.key = func(_, _ []byte, _, _ uint32, _ uint8, _ uint32) []byte { panic("out of memory") }
	require.PanicsWithValue(t, "out of memory", func() { _, _ = h.Hash(t.Context(), "", domain.NewPassword("x")) })
	h.key = work
	_, err := h.Hash(t.Context(), "", domain.NewPassword("x"))
	require.NoError(t, err)
}
