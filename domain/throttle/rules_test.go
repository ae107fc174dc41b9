package throttle

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestWaitsDouble(t *testing.T) {
	t.Parallel()
	l := DefaultLimits()
	for failures, want := range map[int64]time.Duration{
		0: 0, 4: 0, 5: time.Second, 6: 2 * time.Second, 7: 4 * time.Second, 10: 32 * time.Second, 14: 512 * time.Second,
		15: 15 * time.Minute, 16: 15 * time.Minute, 1 << 60: 15 * time.Minute,
	} {
		require.Equal(t, want, l.wait(failures), "after %d failures", failures)
	}
	l.FirstWait, l.MaxWait = 1<<62, 1<<62
	require.Equal(t, time.Duration(1<<62), l.wait(1000), "the wait does not overflow")
}

func TestPairRule(t *testing.T) {
	t.Parallel()
	r := DefaultLimits().pairRule()
	var row Counter
	for range 5 {
		require.Equal(t, verdict{quota: r.quota}, r.judge(row, noon))
		r.fail(&row, 1, noon)
	}
	require.Equal(t, time.Second, r.judge(row, noon).wait)
	require.Equal(t, time.Millisecond, r.judge(row, noon.Add(999*time.Millisecond)).wait)
	require.Zero(t, r.judge(row, noon.Add(time.Second)).wait)

	r.fail(&row, 1, noon.Add(time.Minute))
	require.Equal(t, 2*time.Second, r.judge(row, noon.Add(time.Minute)).wait, "the wait starts with the last failure")
	require.Equal(t, Quota{"login", 5, 24 * time.Hour}, r.quota)

	kept := row
	r.age(&kept, noon.Add(time.Minute+24*time.Hour-1))
	require.Equal(t, int64(6), kept.Failures)
	require.True(t, kept.ExpiresAt.Equal(noon.Add(time.Minute+24*time.Hour)))
	r.age(&row, noon.Add(time.Minute+24*time.Hour))
	require.Zero(t, row.Failures)
	require.Zero(t, row.Until)
}

func TestWindowRule(t *testing.T) {
	t.Parallel()
	r := windowRule(Quota{"login", 3, time.Hour})
	var row Counter
	for i := range 3 {
		now := noon.Add(time.Duration(i) * time.Minute)
		require.Zero(t, r.judge(row, now).wait)
		r.fail(&row, 1, now)
	}
	require.Equal(t, 58*time.Minute, r.judge(row, noon.Add(2*time.Minute)).wait, "the wait ends with the window of the first failure")
	require.True(t, row.ExpiresAt.Equal(noon.Add(time.Hour)))
	r.age(&row, noon.Add(time.Hour-1))
	require.Equal(t, time.Duration(1), r.judge(row, noon.Add(time.Hour-1)).wait)
	r.age(&row, noon.Add(time.Hour))
	require.Zero(t, r.judge(row, noon.Add(time.Hour)).wait)
	r.fail(&row, 1, noon.Add(90*time.Minute))
	require.True(t, row.Since.Equal(noon.Add(90*time.Minute)), "the next window begins with the next failure")
}

func TestWaitsAreBoundedWhenTheClockIsSetBack(t *testing.T) {
	t.Parallel()
	var pair, window Counter
	pairRule, windowRule := DefaultLimits().pairRule(), DefaultLimits().loginRules(false)[addressIndex]
	pairRule.fail(&pair, 50, noon)
	windowRule.fail(&window, 50, noon)
	year := 365 * 24 * time.Hour
	require.Equal(t, 15*time.Minute, pairRule.judge(pair, noon.Add(-year)).wait)
	require.Equal(t, 15*time.Minute, windowRule.judge(window, noon.Add(-year)).wait)
}

func TestReservedTriesCount(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]rule{"pair": DefaultLimits().pairRule(), "window": windowRule(Quota{"login", 5, time.Hour})} {
		cases := []struct {
			failures, reserved int64
			pending            bool
		}{
			{0, 4, false}, {0, 5, true}, {3, 1, false}, {3, 2, true}, {4, 0, false},
			{4, 1, true}, {5, 0, false}, {5, 1, true}, {9, 0, false}, {9, 1, true},
		}
		for _, c := range cases {
			row := Counter{Failures: c.failures, Reserved: c.reserved}
			require.Equal(t, c.pending, r.judge(row, noon).pending, "%s %+v", name, c)
		}
	}
}

func TestAbandonedTriesBecomeFailures(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]rule{"pair": DefaultLimits().pairRule(), "window": windowRule(Quota{"login", 5, time.Hour})} {
		var row Counter
		for range 5 {
			r.reserve(&row, noon)
		}
		early := row
		r.age(&early, noon.Add(reservationAge-1))
		require.Equal(t, int64(5), early.Reserved, name)
		r.age(&row, noon.Add(reservationAge))
		require.Zero(t, row.Reserved, name)
		require.Equal(t, int64(5), row.Failures, name)
		require.True(t, row.Since.Equal(noon), name)
	}
	var row Counter
	r := windowRule(Quota{"login", 5, time.Minute})
	r.reserve(&row, noon)
	require.False(t, row.ExpiresAt.Before(noon.Add(reservationAge+time.Minute)), "the counter is not swept before its tries become failures")
	r.age(&row, noon.Add(time.Hour))
	require.Zero(t, row.Failures, "the failures are as old as the reservations")
}

func TestIDs(t *testing.T) {
	t.Parallel()
	i := ids{func(data string) [32]byte { return sha256.Sum256([]byte("key" + data)) }}
	base := i.login("ada", "192.0.2.1")
	require.Len(t, base, 4)
	for at, pattern := range []string{pairIndex: "^T:pair:T$", knownIndex: "^T:known:T$", addressIndex: "^address:T$", accountIndex: "^T:account$"} {
		require.Regexp(t, strings.ReplaceAll(pattern, "T", "[A-Za-z0-9_-]{22}"), base[at])
		require.Equal(t, at != addressIndex, strings.HasPrefix(base[at], i.prefix("ada")), base[at])
	}
	require.Regexp(t, "^signup:[A-Za-z0-9_-]{22}$", i.signUp("192.0.2.1"))
	require.NotContains(t, base[addressIndex], i.signUp("192.0.2.1")[len("signup:"):], "the counters of a network cannot be linked")
	otherKey := ids{sha256Of}.login("ada", "192.0.2.1")
	for at, id := range base {
		require.NotEqual(t, id, otherKey[at])
	}
	require.Equal(t, base, i.login("ada", "192.0.2.1"))

	other := i.login("ada", "192.0.2.2")
	require.Equal(t, base[accountIndex], other[accountIndex])
	other = append(slices.Delete(other, accountIndex, accountIndex+1), i.login("bob", "192.0.2.3")...)
	other = append(other, slices.Delete(i.login("bob", "192.0.2.4"), accountIndex, accountIndex+1)...)
	seen := map[string]bool{}
	for _, id := range append(base, other...) {
		require.False(t, seen[id], "they are distinct")
		seen[id] = true
	}
}

func sha256Of(data string) [32]byte { return sha256.Sum256([]byte(data)) }

func TestASuccessfulLoginLeavesNoCounters(t *testing.T) {
	t.Parallel()
	l := DefaultLimits()
	rows := make([]Counter, 4)
	known, v := l.admit(rows, noon)
	require.False(t, known)
	require.Zero(t, v.wait)
	require.False(t, v.pending)
	require.Equal(t, []int64{1, 1, 1, 0}, reserved(rows))
	l.settle(rows, known, succeeded, noon)
	require.Equal(t, []int64{0, 0, 0, 0}, reserved(rows))
	for _, at := range []int{pairIndex, addressIndex, accountIndex} {
		require.False(t, rows[at].ExpiresAt.After(noon), "the counter may be deleted")
	}
	require.True(t, rows[knownIndex].ExpiresAt.Equal(noon.Add(knownMemory)))

	known, _ = l.admit(rows, noon)
	require.True(t, known)
	require.Equal(t, []int64{1, 0, 0, 0}, reserved(rows), "only the rule of the pair applies to a known network")
	l.settle(rows, known, failed, noon)
	require.Equal(t, int64(1), rows[pairIndex].Failures)
	require.Zero(t, rows[addressIndex].Failures+rows[accountIndex].Failures)

	known, _ = l.admit(rows, noon.Add(knownMemory))
	require.False(t, known, "the network is forgotten")
}

func TestARefusedTryChangesNoCounters(t *testing.T) {
	t.Parallel()
	l := DefaultLimits()
	rows := make([]Counter, 4)
	l.loginRules(false)[addressIndex].fail(&rows[addressIndex], l.PerAddress, noon)
	before := append([]Counter(nil), rows...)
	_, v := l.admit(rows, noon.Add(time.Minute))
	require.Equal(t, verdict{14 * time.Minute, false, Quota{"login", 50, 15 * time.Minute}}, v)
	require.Equal(t, before, rows)
}

func reserved(rows []Counter) (n []int64) {
	for _, row := range rows {
		n = append(n, row.Reserved)
	}
	return n
}
