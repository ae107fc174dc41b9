//go:build ha

package hatest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres"
	"example.com/postern/domain"
)

// client simulates an instance of the service: it writes to, reads from and pings a store until it is stopped.
type client struct {
	name    string
	store   *postgres.Store
	owner   domain.UserID
	ledger  *ledger
	stop    chan struct{}
	workers sync.WaitGroup

	notReady atomic.Int64 // nanoseconds for which pings have failed
	ready    atomic.Bool  // the last ping succeeded
	stale    atomic.Int64 // reads that did not find an acknowledged post
}

const (
	writers = 4
	readers = 2

	// probeTimeout is how long a load balancer waits for the answer of a readiness probe.
	probeTimeout = 2 * time.Second

	// pace is the interval of each call: the machine needs CPU time to elect a primary.
	pace = 10 * time.Millisecond
)

func startClient(ctx context.Context, t *testing.T, name, url string, o postgres.Options) *client {
	t.Helper()
	store, err := postgres.Open(ctx, url, o)
	require.NoError(t, err)
	c := &client{name: name, store: store, ledger: newLedger(), stop: make(chan struct{})}
	owner, err := store.Users().Insert(ctx, domain.NewUser{
		Email: domain.Email(name + "@example.org"), PasswordHash: "hash", CreatedAt: time.Now(),
	})
	require.NoError(t, err)
	c.owner = owner.ID
	for i := range writers {
		c.repeat(ctx, func(n int) { c.write(ctx, fmt.Sprintf("%s %d.%d", name, i, n), n%2 == 0) })
	}
	for range readers {
		c.repeat(ctx, func(int) { c.read(ctx) })
	}
	c.repeat(ctx, func(int) { c.probe(ctx) })
	return c
}

// repeat calls call in a new goroutine until the client stops.
func (c *client) repeat(ctx context.Context, call func(n int)) {
	c.workers.Go(func() {
		ticker := time.NewTicker(pace)
		defer ticker.Stop()
		for n := 0; ; n++ {
			select {
			case <-c.stop:
				return
			case <-ctx.Done():
				return
			case <-ticker.C:
				call(n)
			}
		}
	})
}

func (c *client) write(ctx context.Context, title string, inTx bool) {
	begun := time.Now()
	insert := func(r domain.Repositories) (domain.Post, error) {
		return r.Posts().Insert(ctx, domain.NewPost{OwnerID: c.owner, Title: title, Content: "content", CreatedAt: begun})
	}
	var post domain.Post
	var err error
	if inTx {
		err = c.store.InTx(ctx, func(tx domain.Repositories) (err error) {
			post, err = insert(tx)
			return err
		})
	} else {
		post, err = insert(c.store)
	}
	c.ledger.recordWrite(title, post, err, time.Since(begun))
}

// read reads the latest acknowledged post.
func (c *client) read(ctx context.Context) {
	want, begun := c.ledger.lastPost(), time.Now()
	got, err := c.store.Posts().Visible(ctx, domain.Viewer{UserID: want.OwnerID}, want.ID)
	switch {
	case want.ID == 0:
	case errors.Is(err, domain.ErrPostNotFound), err == nil && got.Title != want.Title:
		c.stale.Add(1)
	case err != nil:
		c.ledger.recordFailedRead(err, time.Since(begun))
	}
}

// probe checks whether the store is ready.
func (c *client) probe(ctx context.Context) {
	bounded, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	begun := time.Now()
	c.ready.Store(c.store.Ping(bounded) == nil)
	if !c.ready.Load() {
		c.notReady.Add(int64(time.Since(begun) + pace))
	}
}

// requireRecovery waits until all stores are ready and acknowledge writes again.
func requireRecovery(t *testing.T, clients ...*client) {
	t.Helper()
	for _, c := range clients {
		until := c.ledger.acknowledgements() + 100
		require.Eventually(t, func() bool { return c.ledger.acknowledgements() >= until && c.ready.Load() },
			patience, 10*time.Millisecond, "%s does not recover", c.name)
	}
}

// report is what happened since the last report.
type report struct {
	gap      time.Duration // the longest time without an acknowledged write
	notReady time.Duration // the time for which the store was not ready
	slowest  time.Duration // the slowest failed call
	stale    int64         // reads that did not find an acknowledged post
}

func (r report) String() string {
	return fmt.Sprintf("%v without an acknowledged write, %v not ready, slowest failure %v, %d stale reads",
		r.gap.Round(time.Millisecond), r.notReady.Round(time.Millisecond), r.slowest.Round(time.Millisecond), r.stale)
}

func (c *client) report() report {
	r := report{notReady: time.Duration(c.notReady.Swap(0)), stale: c.stale.Swap(0)}
	r.gap, r.slowest = c.ledger.report()
	return r
}

// requireNoLoss compares the results of all writes with the number of posts of each title in the database.
func (c *client) requireNoLoss(t *testing.T, titles map[string]int) {
	t.Helper()
	s := c.ledger.summarize(titles)
	t.Logf("%s: %v", c.name, s)
	for text, failures := range c.ledger.failures {
		t.Logf("%5d x, %v at most: %s", failures.n, failures.slowest.Round(time.Millisecond), text)
	}
	require.Empty(t, c.ledger.unexpected)
	require.Empty(t, s.lost, "acknowledged, but not in the database")
	require.Empty(t, s.duplicated)
	require.Empty(t, s.failedButDone, "failed, but in the database")
}

// end stops the client, and waits for its calls.
func (c *client) end(t *testing.T) {
	t.Helper()
	close(c.stop)
	c.workers.Wait()
	require.NoError(t, c.store.Close())
}
