//go:build ha

// Package hatest brings up a real cluster, takes its primary away under load in every way there is, and counts what is lost. It
// is built with the tag ha only: make test-ha.
package hatest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres"
)

const (
	bound    = 4*time.Minute + 30*time.Second // of everything: less than the five minutes of make test-ha
	patience = 40 * time.Second               // how long a change of the primary may take
	deadline = 15 * time.Second               // how long a call may take that fails, having been run again
)

// events are ways for a primary to go, and what brings the node back.
var events = []struct {
	name         string
	strike, mend func(c *cluster, primary string)
}{
	{"kill -9", func(c *cluster, primary string) { c.run("kill9", primary) }, func(c *cluster, primary string) { c.run("start", primary) }},
	{"switchover", func(c *cluster, _ string) { c.run("switchover") }, func(*cluster, string) {}},
	{"hang", func(c *cluster, primary string) { c.run("stop", primary) }, func(c *cluster, primary string) { c.run("cont", primary) }},
}

// TestNothingAcknowledgedIsLost is about two instances of the service that share a cluster: one knows its nodes, the other goes
// through PgBouncer and HAProxy. Neither is restarted.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	c := newCluster(ctx, t)
	direct := startClient(ctx, t, "direct", c.direct(), postgres.Options{})
	pooled := startClient(ctx, t, "pooled", c.pooled(), postgres.Options{Pooler: true, MigrationURL: c.direct()})
	requireGoOn(t, direct, pooled)
	for _, event := range events {
		direct.turnPage()
		pooled.turnPage()
		old := c.primary()
		event.strike(c, old)
		require.Eventually(t, func() bool { now := c.primary(); return now != "" && now != old }, patience, 100*time.Millisecond,
			"%s: no node takes over", event.name)
		requireGoOn(t, direct, pooled)
		event.mend(c, old)
		c.run("ready")
		requireGoOn(t, direct, pooled)
		for _, client := range []*client{direct, pooled} {
			page := client.turnPage()
			t.Logf("%-10s %s: %v", event.name, client.name, page)
			require.Less(t, page.slowest, deadline, "a call took too long")
			require.True(t, client == pooled || page.red > 0, "the store says that it is not ready while it has no primary")
		}
	}
	direct.end(t)
	pooled.end(t)
	titles := titlesIn(ctx, t, c.direct())
	direct.requireKept(t, titles)
	pooled.requireKept(t, titles)
}
