package domain

import (
	"crypto/sha256"
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
	require.Equal(t, time.Duration(1<<62), l.wait(1000), "it does not overflow")
}

func TestPairRule(t *testing.T) {
	t.Parallel()
	r := DefaultLimits().pairRule()
	var row Throttle
	for range 5 {
		require.Equal(t, verdict{quota: r.quota}, r.judge(row, noon))
		r.fail(&row, 1, noon)
	}
	require.Equal(t, time.Second, r.judge(row, noon).wait)
	require.Equal(t, time.Millisecond, r.judge(row, noon.Add(999*time.Millisecond)).wait)
	require.Zero(t, r.judge(row, noon.Add(time.Second)).wait)

	r.fail(&row, 1, noon.Add(time.Minute))
	require.Equal(t, 2*time.Second, r.judge(row, noon.Add(time.Minute)).wait, "since the last failure")
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
	var row Throttle
	for i := range 3 {
		now := noon.Add(time.Duration(i) * time.Minute)
		require.Zero(t, r.judge(row, now).wait)
		r.fail(&row, 1, now)
	}
	require.Equal(t, 58*time.Minute, r.judge(row, noon.Add(2*time.Minute)).wait, "until the window ends that the first began")
	require.True(t, row.ExpiresAt.Equal(noon.Add(time.Hour)))
	r.age(&row, noon.Add(time.Hour-1))
	require.Equal(t, time.Duration(1), r.judge(row, noon.Add(time.Hour-1)).wait)
	r.age(&row, noon.Add(time.Hour))
	require.Zero(t, r.judge(row, noon.Add(time.Hour)).wait)
	r.fail(&row, 1, noon.Add(90*time.Minute))
	require.True(t, row.Since.Equal(noon.Add(90*time.Minute)), "the next window begins with the next failure")
}

func TestAStepBackOfTheClockKeepsNobodyOutForLong(t *testing.T) {
	t.Parallel()
	var pair, window Throttle
	pairRule, windowRule := DefaultLimits().pairRule(), DefaultLimits().addressRule()
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
			crowded            bool
		}{
			{0, 4, false}, {0, 5, true}, {3, 1, false}, {3, 2, true}, {4, 0, false},
			{4, 1, true}, {5, 0, false}, {5, 1, true}, {9, 0, false}, {9, 1, true},
		}
		for _, c := range cases {
			row := Throttle{Failures: c.failures, Reserved: c.reserved}
			require.Equal(t, c.crowded, r.judge(row, noon).crowded, "%s %+v", name, c)
		}
	}
}

func TestAbandonedTriesBecomeFailures(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]rule{"pair": DefaultLimits().pairRule(), "window": windowRule(Quota{"login", 5, time.Hour})} {
		var row Throttle
		for range 5 {
			r.reserve(&row, noon)
		}
		early := row
		r.age(&early, noon.Add(reservation-1))
		require.Equal(t, int64(5), early.Reserved, name)
		r.age(&row, noon.Add(reservation))
		require.Zero(t, row.Reserved, name)
		require.Equal(t, int64(5), row.Failures, name)
		require.True(t, row.Since.Equal(noon), name)
	}
	var row Throttle
	r := windowRule(Quota{"login", 5, time.Minute})
	r.reserve(&row, noon)
	require.False(t, row.ExpiresAt.Before(noon.Add(reservation+time.Minute)), "it is not swept before it counted")
	r.age(&row, noon.Add(time.Hour))
	require.Zero(t, row.Failures, "they are as old as their reservation")
}

func TestLoginThrottles(t *testing.T) {
	t.Parallel()
	ids := throttleIDs{func(data string) [32]byte { return sha256.Sum256([]byte("key" + data)) }}
	of := func(account, ip string) []string { return ids.login(account, Client{IP: ip}.Network()) }
	base := of("ada@example.com", "192.0.2.1")
	require.Len(t, base, 4)
	for i, pattern := range []string{ofPair: "^T:pair:T$", ofKnown: "^T:known:T$", ofAddress: "^address:T$", ofAccount: "^T:account$"} {
		require.Regexp(t, strings.ReplaceAll(pattern, "T", "[A-Za-z0-9_-]{22}"), base[i])
		require.Equal(t, i != ofAddress, strings.HasPrefix(base[i], ids.prefix("ada@example.com")), base[i])
	}
	require.Regexp(t, "^signup:[A-Za-z0-9_-]{22}$", ids.signUp("192.0.2.1"))
	require.NotContains(t, base[ofAddress], ids.signUp("192.0.2.1")[len("signup:"):], "what is kept of an address in two places cannot be joined")
	otherKey := throttleIDs{sha256Of}.login("ada@example.com", "192.0.2.1")
	for i, id := range base {
		require.NotEqual(t, id, otherKey[i])
	}
	same := map[string][2]string{
		"case":                   {"ADA@Example.com", "192.0.2.1"},
		"an IPv4-mapped address": {"ada@example.com", "::ffff:192.0.2.1"},
	}
	for name, c := range same {
		require.Equal(t, base, of(c[0], c[1]), name)
	}
	require.Equal(t, of("ada@münchen.example", "2001:db8::1"), of("Ada@xn--mnchen-3ya.example", "2001:db8::ffff:1%eth0"))
	require.Equal(t, of("NOT an address", ""), of("not an ADDRESS", "nonsense"))

	other := of("ada@example.com", "192.0.2.2")
	require.Equal(t, base[ofAccount], other[ofAccount])
	other = append(other[:ofAccount:ofAccount], of("bob@example.com", "2001:db8:0:1::1")...)
	other = append(other, of("bob@example.com", "2001:db8::1")[:ofAccount]...)
	seen := map[string]bool{}
	for _, id := range append(base, other...) {
		require.False(t, seen[id], "they are told apart")
		seen[id] = true
	}
}

func sha256Of(data string) [32]byte { return sha256.Sum256([]byte(data)) }

func TestSettleLeavesNothingOfARightLogin(t *testing.T) {
	t.Parallel()
	l := DefaultLimits()
	rows := make([]Throttle, 4)
	known, v := l.admit(rows, noon)
	require.False(t, known)
	require.Zero(t, v.wait)
	require.False(t, v.crowded)
	require.Equal(t, []int64{1, 0, 1, 1}, reserved(rows))
	l.settle(rows, known, succeeded, noon)
	require.Equal(t, []int64{0, 0, 0, 0}, reserved(rows))
	for _, at := range []int{ofPair, ofAddress, ofAccount} {
		require.False(t, rows[at].ExpiresAt.After(noon), "it may be removed")
	}
	require.True(t, rows[ofKnown].ExpiresAt.Equal(noon.Add(knownMemory)))

	known, _ = l.admit(rows, noon)
	require.True(t, known)
	require.Equal(t, []int64{1, 0, 0, 0}, reserved(rows), "only the pair counts from now on")
	l.settle(rows, known, failed, noon)
	require.Equal(t, int64(1), rows[ofPair].Failures)
	require.Zero(t, rows[ofAddress].Failures+rows[ofAccount].Failures)

	known, _ = l.admit(rows, noon.Add(knownMemory))
	require.False(t, known, "it is forgotten")
}

func TestARefusedTryLeavesTheThrottlesAsTheyAre(t *testing.T) {
	t.Parallel()
	l := DefaultLimits()
	rows := make([]Throttle, 4)
	l.addressRule().fail(&rows[ofAddress], l.PerAddress, noon)
	before := append([]Throttle(nil), rows...)
	_, v := l.admit(rows, noon.Add(time.Minute))
	require.Equal(t, verdict{14 * time.Minute, false, Quota{"login", 50, 15 * time.Minute}}, v)
	require.Equal(t, before, rows)
}

func reserved(rows []Throttle) (n []int64) {
	for _, row := range rows {
		n = append(n, row.Reserved)
	}
	return n
}
