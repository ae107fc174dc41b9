// Package simulation_test runs several instances of the services on one store, one goroutine at a time. A seed decides what
// users do, in which order calls reach the store, and which calls fail. The scheduler decides the order. The oracle checks
// the rules.
package simulation_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
	"example.com/postern/domain/revocation"
	"example.com/postern/domain/throttle"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "simulate only this seed, and print its trace")
	seedsFlag = flag.Uint64("seeds", 250, "how many seeds to simulate")
)

const (
	instances = 3
	steps     = 400
)

// TestSimulation runs many seeds. To repeat one: go test ./domain/simulation -seed=N -v. To run more: make simulate SEEDS=100000.
func TestSimulation(t *testing.T) {
	t.Parallel()
	if *seedFlag != 0 {
		trace, broken := simulate(t, *seedFlag)
		t.Log(strings.Join(trace, "\n"))
		require.Empty(t, broken)
		return
	}
	const groups = 8
	for group := range uint64(groups) {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for seed := group + 1; seed <= *seedsFlag; seed += groups {
				if trace, broken := simulate(t, seed); broken != "" {
					t.Fatalf("seed %d: %s\n\n%s\n\nTo see it again: go test ./domain/simulation -seed=%d", seed, broken, tail(trace), seed)
				}
			}
		})
	}
}

func tail(trace []string) string { return strings.Join(trace[max(len(trace)-100, 0):], "\n") }

func TestASeedGivesTheSameTraceTwice(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		one, _ := simulate(t, seed)
		two, _ := simulate(t, seed)
		require.Equal(t, one, two, "seed %d", seed)
	}
}

// simulate runs a seed. It returns the trace, and the first broken rule, or "".
func simulate(t *testing.T, seed uint64) (trace []string, broken string) {
	synctest.Test(t, func(t *testing.T) {
		w := newSimulation(t, seed)
		for range steps {
			if w.step(); w.broken != "" {
				break
			}
		}
		w.checkWrites()
		w.drain()
		trace, broken = w.trace, w.broken
	})
	return trace, broken
}

// simulation is a store, its instances and their users.
type simulation struct {
	*scheduler
	*oracle
	rng     *rand.Rand
	store   *domaintest.Store
	tokens  *domaintest.Tokens
	refresh *domaintest.RefreshTokens

	emailTokens *domaintest.EmailTokens
	links       []*link

	instances []*instance
	storeSet  time.Duration // the error of the store's clock
	storeHeld time.Time     // the store's clock is not set again before this time
	backup    *backup
}

func newSimulation(t *testing.T, seed uint64) *simulation {
	w := &simulation{
		scheduler: newScheduler(), rng: rand.New(rand.NewPCG(seed, 0)), store: domaintest.NewStore(),
		tokens: &domaintest.Tokens{}, refresh: &domaintest.RefreshTokens{}, emailTokens: &domaintest.EmailTokens{},
	}
	w.oracle = &oracle{store: w.store, refreshed: map[string]int{}}
	w.store.Clock = func() time.Time { return time.Now().UTC().Add(w.storeSet) }
	for i := range instances {
		w.instances = append(w.instances, w.newInstance(t, string(rune('A'+i))))
	}
	return w
}

// instance is one process.
type instance struct {
	name     string
	clock    *instanceClock
	ended    *revocation.List
	auth     domain.AuthService
	emails   *domain.Emails
	sessions domain.SessionService
	posts    domain.PostService
	network  network

	cut     bool
	cutAt   time.Time
	frozen  bool
	asleep  bool // frozen with the machine, so Elapsed stands still
	polling bool
}

func (w *simulation) newInstance(t *testing.T, name string) *instance {
	i := &instance{name: name, clock: &instanceClock{}}
	i.network = network{w.store, w, i}
	i.ended = domain.NewRevocations(i.network, i.clock)
	events := &domaintest.Events{}
	auth, err := domain.NewAuth(domain.AuthOptions{
		Store: i.network, Tokens: w.tokens, Refresh: w.refresh, Hasher: &hasher{w: w}, Clock: i.clock, Revocations: i.ended, Events: events,
		TokenLife: domain.MaxTokenLife, SessionIdle: 24 * time.Hour, SessionLife: 48 * time.Hour,
		MinPassword: domain.MinPassword, Limits: throttle.DefaultLimits(), KeyedHash: domaintest.KeyedHash,
	})
	require.NoError(t, err)
	i.auth, i.emails = auth, domain.NewEmails(auth, w.emailTokens, &url.URL{})
	i.sessions = domain.NewSessions(i.network, i.clock, w.refresh, i.ended, events)
	i.posts = domain.NewPosts(i.network, i.clock, 0, nil)
	require.NoError(t, i.ended.Load(t.Context()))
	return i
}

// instanceClock is an instance's clock. Its wall time and its elapsed time may disagree.
type instanceClock struct {
	set    time.Duration // the error of the wall clock
	asleep time.Duration // how long Elapsed stood still
}

func (c *instanceClock) Now() time.Time { return time.Now().UTC().Add(c.set) }

func (c *instanceClock) Elapsed() time.Duration { return time.Since(epochOfBubble) - c.asleep }

// step does one thing: it releases a task, starts a task of a user, lets time pass, or causes a fault.
func (w *simulation) step() {
	runnable := w.runnable()
	switch n := w.rng.IntN(100); {
	case n < 66 && len(runnable) > 0:
		p := runnable[w.rng.IntN(len(runnable))]
		w.release(p, w.verdict(p))
	case n < 84:
		if len(w.live) < 8 {
			w.act()
		}
	case n < 95:
		w.pass(w.pick([]time.Duration{250 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second,
			1250 * time.Millisecond, 5 * time.Second, 31 * time.Second, 135 * time.Second}))
	default:
		w.breakSomething()
	}
	w.checkCounters()
}

func (w *simulation) verdict(p *parked) verdict {
	switch {
	case p.on.cut:
		return refuse
	case w.rng.IntN(40) == 0:
		return loseAnswer
	}
	return proceed
}

func (w *simulation) pick(d []time.Duration) time.Duration { return d[w.rng.IntN(len(d))] }

// oddTime makes pauses end at other moments than timeouts, because the order of simultaneous events is random.
const oddTime = 137 * time.Microsecond

// pass lets time pass. Then each instance polls, unless it is frozen or still polling.
func (w *simulation) pass(d time.Duration) {
	time.Sleep(d + oddTime)
	w.log("%v pass", d)
	for _, i := range w.instances {
		if i.asleep {
			i.clock.asleep += d + oddTime
		}
		if i.frozen {
			continue
		}
		if !i.polling {
			i.polling = true
			w.start(i, "poll", func(ctx context.Context) {
				defer func() { i.polling = false }()
				_ = i.ended.Poll(ctx)
			})
		}
	}
}
