package postgres

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

// Many calls on two instances change one row at once, as in an attack.
func TestConcurrentChangesOfOneThrottleDoNotFail(t *testing.T) {
	t.Parallel()
	const callers = 100
	url := pgtest.Migrated(t, Migrate)
	patient := Options{AcquireTimeout: time.Minute, LockTimeout: time.Minute, StatementTimeout: time.Minute}
	stores := []*Store{openStore(t, url, patient), openStore(t, url, patient)}
	results := make(chan error, len(stores)*callers)
	for _, s := range stores {
		for range callers {
			go func() {
				results <- s.Throttles().Change(t.Context(), []string{"hot"}, func(ts []throttle.Counter) { ts[0].Failures++ })
			}()
		}
	}
	for range cap(results) {
		require.NoError(t, <-results)
	}
	require.Equal(t, cap(results), ask[int](t, url, "SELECT failures FROM throttles WHERE id = 'hot'"))
}

func TestThrottlesAreBounded(t *testing.T) {
	t.Parallel()
	s := newStore(t, Options{})
	ids := []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}
	require.Error(t, s.Throttles().Change(t.Context(), ids, func([]throttle.Counter) { require.Fail(t, "it was run") }))
}

// A change that may have been committed is not repeated.
func TestChangeWithALostCommitIsNotRepeated(t *testing.T) {
	t.Parallel()
	for name, answered := range map[string]bool{"commit never arrives": false, "commit was made": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Migrated(t, Migrate)
			p, url := newProxy(t, database)
			s := openStore(t, url, Options{})
			p.cutAt("commit\x00", answered, 1) // not at "read committed"
			runs := 0
			err := s.Throttles().Change(t.Context(), []string{"a"}, func(ts []throttle.Counter) {
				runs++
				ts[0].Failures++
			})
			require.ErrorIs(t, err, domain.ErrOutcomeUnknown)
			require.Equal(t, 1, runs)
			want := map[bool]int{false: 0, true: 1}[answered]
			require.Equal(t, want, ask[int](t, database, "SELECT coalesce(sum(failures), 0)::int FROM throttles"))
		})
	}
}
