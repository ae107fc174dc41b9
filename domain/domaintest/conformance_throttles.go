package domaintest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

var throttleCases = []storeCase{
	{"a missing throttle is zero", throttleZero},
	{"throttles are read as they were written, in the requested order", throttleRoundTrip},
	{"a throttle that fn does not change stays the same", throttleUntouched},
	{"a change that panics has no effect, and passes on the panic", throttlePanics},
	{"only one caller changes a throttle at a time", throttleHeld},
	{"all changes take effect, in any order of throttles", throttlesCount},
	{"throttles with a prefix are deleted in batches", throttlesByPrefix},
	{"expired throttles are deleted in batches", throttlesExpire},
}

var clockCases = []storeCase{{"the store's clock is right, in UTC and whole microseconds", storeClock}}

// throttlesOf returns the stored counters.
func throttlesOf(t *testing.T, s domain.Store, ids ...string) (found []throttle.Counter) {
	t.Helper()
	require.NoError(t, s.Throttles().Change(t.Context(), ids, func(ts []throttle.Counter) { found = slices.Clone(ts) }))
	return found
}

// set stores counters.
func set(t *testing.T, s domain.Store, throttles ...throttle.Counter) {
	t.Helper()
	var ids []string
	for _, throttle := range throttles {
		ids = append(ids, throttle.ID)
	}
	require.NoError(t, s.Throttles().Change(t.Context(), ids, func(ts []throttle.Counter) { copy(ts, throttles) }))
}

func throttleZero(t *testing.T, s domain.Store) {
	longest := strings.Repeat("~", 64)
	want := []throttle.Counter{{ID: "b"}, {ID: longest}, {ID: "a"}}
	for range 2 { // reading does not insert a row
		require.Equal(t, want, throttlesOf(t, s, "b", longest, "a"))
	}
	require.True(t, throttlesOf(t, s, "a")[0].Until.IsZero())
}

func aThrottle(id string, n int) throttle.Counter {
	at := func(i int) time.Time { return moment.Add(time.Duration(10*n+i) * time.Microsecond) }
	return throttle.Counter{
		ID: id, Failures: int64(n), Reserved: 1 << 40, ReservedAt: at(1), Since: at(2), Until: at(3), ExpiresAt: at(4),
	}
}

func throttleRoundTrip(t *testing.T, s domain.Store) {
	ids := []string{"h", "b", "d", "a", "c", "g", "e", "f"} // the maximum number of throttles in one change
	for round := range 3 {
		var want []throttle.Counter
		for i, id := range ids {
			want = append(want, aThrottle(id, 10*round+i))
		}
		want[2].Until = time.Time{}
		set(t, s, want...)
		slices.Reverse(ids)
		slices.Reverse(want)
		found := throttlesOf(t, s, ids...)
		require.Equal(t, want, found)
		require.Equal(t, time.UTC, found[0].ReservedAt.Location())
	}
}

func throttleUntouched(t *testing.T, s domain.Store) {
	one, two := aThrottle("one", 1), aThrottle("two", 2)
	set(t, s, one, two)
	require.NoError(t, s.Throttles().Change(t.Context(), []string{"two", "new", "one"}, func(ts []throttle.Counter) {
		ts[0].Failures++
	}))
	two.Failures++
	require.Equal(t, []throttle.Counter{one, two, {ID: "new"}}, throttlesOf(t, s, "one", "two", "new"))
}

func throttlePanics(t *testing.T, s domain.Store) {
	one, value := aThrottle("one", 1), &struct{ reason string }{"boom"}
	set(t, s, one)
	require.PanicsWithValue(t, value, func() {
		_ = s.Throttles().Change(t.Context(), []string{"one", "two"}, func(ts []throttle.Counter) {
			ts[0].Failures, ts[1].Failures = 100, 100
			panic(value)
		})
	})
	require.Equal(t, []throttle.Counter{one, {ID: "two"}}, throttlesOf(t, s, "one", "two"))
}

// increase adds a failure to each counter.
func increase(t *testing.T, s domain.Store, meanwhile func(), ids ...string) error {
	return s.Throttles().Change(t.Context(), ids, func(ts []throttle.Counter) {
		meanwhile()
		for i := range ts {
			ts[i].Failures++
		}
	})
}

func throttleHeld(t *testing.T, s domain.Store) {
	for _, ids := range [][]string{{"new", "other"}, {"new", "third"}} { // with a missing throttle, and with an existing one
		p := newPause()
		was := throttlesOf(t, s, "new")[0].Failures
		first := start(func() error { return increase(t, s, p.hold, ids...) })
		second := p.during(t, func() error { return increase(t, s, noHook, "new") })
		require.NoError(t, wait(t, first))
		require.NoError(t, wait(t, second))
		require.Equal(t, was+2, throttlesOf(t, s, "new")[0].Failures)
	}
}

func throttlesCount(t *testing.T, s domain.Store) {
	const callers, times = 8, 6
	orders := [][]string{{"a", "b", "c"}, {"c", "b", "a"}, {"b", "a", "c"}}
	results := make(chan error, callers)
	for i := range callers {
		go func() {
			var err error
			for j := range times {
				err = errors.Join(err, increase(t, s, noHook, orders[(i+j)%len(orders)]...))
			}
			results <- err
		}()
	}
	for range callers {
		require.NoError(t, wait(t, results))
	}
	for _, throttle := range throttlesOf(t, s, "a", "b", "c") {
		require.EqualValues(t, callers*times, throttle.Failures, throttle.ID)
	}
}

func throttlesByPrefix(t *testing.T, s domain.Store) {
	ids := []string{"Aa:", "Aa:pair:x", "Aa:~~", "Aa", "Aa;", "aa:", "A_:", "Ab:"}
	for _, id := range ids {
		set(t, s, throttle.Counter{ID: id, Failures: 1, ExpiresAt: farFuture})
	}
	requireSwept(t, 3, func(limit int) (int, error) { return s.Throttles().DeletePrefix(t.Context(), "Aa:", limit) })
	for i, throttle := range throttlesOf(t, s, ids...) {
		require.Equal(t, i >= 3, throttle.Failures == 1, throttle.ID)
	}
}

func throttlesExpire(t *testing.T, s domain.Store) {
	var ids []string
	for i := range 8 {
		id := string(rune('a' + i))
		throttle := throttle.Counter{ID: id, Failures: 1, ExpiresAt: moment.Add(time.Duration(i-4) * time.Microsecond)} // the fifth is exactly at moment
		set(t, s, throttle)
		ids = append(ids, id)
	}
	requireSwept(t, 5, func(limit int) (int, error) { return s.Throttles().DeleteExpired(t.Context(), moment, limit) })
	for i, throttle := range throttlesOf(t, s, ids...) {
		require.Equal(t, i >= 5, throttle.Failures == 1, throttle.ID)
	}
}

func storeClock(t *testing.T, s domain.Store) {
	for range 3 {
		earliest := time.Now()
		now, err := s.Now(t.Context())
		require.NoError(t, err)
		require.Equal(t, time.UTC, now.Location())
		require.Equal(t, now, now.Truncate(time.Microsecond))
		require.WithinRange(t, now, earliest.Add(-time.Minute), time.Now().Add(time.Minute))
	}
}
