//go:build ha

// Package hatest starts a real cluster, makes its primary fail in several ways under load, and counts lost writes. It needs the
// build tag ha: make test-ha.
package hatest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres"
)

const (
	timeout  = 4*time.Minute + 30*time.Second // of the whole test: less than the five minutes of make test-ha
	patience = 40 * time.Second               // how long a change of the primary may take
	deadline = 15 * time.Second               // how long a failing call may take, including its retries
)

// events are ways in which a primary fails, and how its node is repaired.
var events = []struct {
	name            string
	trigger, repair func(c *cluster, primary string)
}{
	{"kill -9", func(c *cluster, primary string) { c.run("kill9", primary) }, func(c *cluster, primary string) { c.run("start", primary) }},
	{"switchover", func(c *cluster, _ string) { c.run("switchover") }, func(*cluster, string) {}},
	{"hang", func(c *cluster, primary string) { c.run("stop", primary) }, func(c *cluster, primary string) { c.run("cont", primary) }},
}

// TestNothingAcknowledgedIsLost runs two instances of the service on one cluster. One connects to its nodes, and the other
// through PgBouncer and HAProxy. Neither is restarted.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	c := newCluster(ctx, t)
	direct := startClient(ctx, t, "direct", c.direct(), postgres.Options{})
	pooled := startClient(ctx, t, "pooled", c.pooled(), postgres.Options{Pooler: true, MigrationURL: c.direct()})
	requireRecovery(t, direct, pooled)
	for _, event := range events {
		direct.report()
		pooled.report()
		old := c.primary()
		event.trigger(c, old)
		require.Eventually(t, func() bool { now := c.primary(); return now != "" && now != old }, patience, 100*time.Millisecond,
			"%s: no node takes over", event.name)
		requireRecovery(t, direct, pooled)
		event.repair(c, old)
		c.run("ready")
		requireRecovery(t, direct, pooled)
		for _, client := range []*client{direct, pooled} {
			report := client.report()
			t.Logf("%-10s %s: %v", event.name, client.name, report)
			require.Less(t, report.slowest, deadline, "a call took too long")
			require.True(t, client == pooled || report.notReady > 0, "the store is not ready while it has no primary")
		}
	}
	direct.end(t)
	pooled.end(t)
	titles := titlesIn(ctx, t, c.direct())
	direct.requireNoLoss(t, titles)
	pooled.requireNoLoss(t, titles)
}
