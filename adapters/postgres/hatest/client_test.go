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

// client is one instance of the service: a store that is written to, read and pinged until it is told to stop.
type client struct {
	name    string
	store   *postgres.Store
	owner   domain.UserID
	ledger  *ledger
	stop    chan struct{}
	workers sync.WaitGroup

	red   atomic.Int64 // nanoseconds for which pings have failed
	ready atomic.Bool  // what the last one said
	stale atomic.Int64 // reads that did not find what was acknowledged
}

const (
	writers = 4
	readers = 2

	// probeTimeout is how long a load balancer waits for the answer to whether the service is ready.
	probeTimeout = 2 * time.Second

	// pace is how often each of them comes: the machine needs some of its time to elect a primary.
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

// repeat calls in a goroutine of its own until the client stops.
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
	c.ledger.note(title, post, err, time.Since(begun))
}

// read looks for the newest post that was acknowledged.
func (c *client) read(ctx context.Context) {
	want, begun := c.ledger.lastPost(), time.Now()
	got, err := c.store.Posts().Visible(ctx, domain.Viewer{UserID: want.OwnerID}, want.ID)
	switch {
	case want.ID == 0:
	case errors.Is(err, domain.ErrPostNotFound), err == nil && got.Title != want.Title:
		c.stale.Add(1)
	case err != nil:
		c.ledger.missed(err, time.Since(begun))
	}
}

// probe asks whether the store is ready.
func (c *client) probe(ctx context.Context) {
	bounded, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	begun := time.Now()
	c.ready.Store(c.store.Ping(bounded) == nil)
	if !c.ready.Load() {
		c.red.Add(int64(time.Since(begun) + pace))
	}
}

// requireGoOn waits until writes of all clients are acknowledged again and their stores are ready.
func requireGoOn(t *testing.T, clients ...*client) {
	t.Helper()
	for _, c := range clients {
		until := c.ledger.acknowledgements() + 100
		require.Eventually(t, func() bool { return c.ledger.acknowledgements() >= until && c.ready.Load() },
			patience, 10*time.Millisecond, "%s does not go on", c.name)
	}
}

// page is what happened since the last one was turned.
type page struct {
	gap     time.Duration // the longest without an acknowledged write
	red     time.Duration // for which the store was not ready
	slowest time.Duration // of the calls that failed
	stale   int64         // reads that did not find what was acknowledged
}

func (p page) String() string {
	return fmt.Sprintf("%v without an acknowledged write, %v not ready, slowest failure %v, %d stale reads",
		p.gap.Round(time.Millisecond), p.red.Round(time.Millisecond), p.slowest.Round(time.Millisecond), p.stale)
}

func (c *client) turnPage() page {
	p := page{red: time.Duration(c.red.Swap(0)), stale: c.stale.Swap(0)}
	p.gap, p.slowest = c.ledger.turnPage()
	return p
}

// requireKept holds what the client was told against how often each title is in the database.
func (c *client) requireKept(t *testing.T, titles map[string]int) {
	t.Helper()
	a := c.ledger.settle(titles)
	t.Logf("%s: %v", c.name, a)
	for said, tally := range c.ledger.told {
		t.Logf("%5d x, %v at most: %s", tally.n, tally.slowest.Round(time.Millisecond), said)
	}
	require.Empty(t, c.ledger.strange)
	require.Empty(t, a.lost, "acknowledged, and lost")
	require.Empty(t, a.doubled)
	require.Empty(t, a.undead, "refused, and done")
}

// end stops the client. It returns when all of its calls have.
func (c *client) end(t *testing.T) {
	t.Helper()
	close(c.stop)
	c.workers.Wait()
	require.NoError(t, c.store.Close())
}
