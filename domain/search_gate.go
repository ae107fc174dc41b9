package domain

import (
	"context"
	"slices"
	"sync"
	"time"
)

// SearchWait is how long a search waits for its turn before it is refused. It is longer than [SearchTimeout], so that a search can
// wait for one that uses all of its time.
const SearchWait = SearchTimeout + time.Second

// searchGate bounds how many searches run at once. Each network has a line of its own, and the networks take turns. If more than one
// search may run, one network never runs all of them, so that a search from another network finds a place at once. With a single
// place, taking turns is all that helps. A nil gate lets every search in.
type searchGate struct {
	mu         sync.Mutex
	free       int           // how many more may run
	perNetwork int           // how many of one network may run
	lines      []*searchLine // the network whose turn is next is first
}

// searchLine has the searches of one network. It is kept while there are any.
type searchLine struct {
	network Network
	running int
	turns   []chan struct{} // of those that wait, oldest first; closed when the search may run
}

func newSearchGate(searches int) *searchGate {
	if searches <= 0 {
		return nil
	}
	return &searchGate{free: searches, perNetwork: max(searches-1, 1)}
}

// enter waits until a search of this network may run, and leave must be called when it has. It returns [ErrSearchBusy] after
// [SearchWait].
func (g *searchGate) enter(ctx context.Context, network Network) (leave func(), err error) {
	if g == nil {
		return func() {}, ctx.Err()
	}
	turn := g.join(network)
	timer := time.NewTimer(SearchWait)
	defer timer.Stop()
	leave = func() { g.leave(network) }
	select {
	case <-turn:
		return leave, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = ErrSearchBusy
	}
	if !g.giveUp(network, turn) {
		leave() // its turn came at the same moment
	}
	return nil, err
}

func (g *searchGate) join(network Network) (turn chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := g.lineOf(network)
	if i < 0 {
		i = len(g.lines)
		g.lines = append(g.lines, &searchLine{network: network})
	}
	turn = make(chan struct{})
	g.lines[i].turns = append(g.lines[i].turns, turn)
	g.startNext()
	return turn
}

// leave ends a search. Its network's next turn comes after those of the others.
func (g *searchGate) leave(network Network) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := g.lineOf(network)
	g.lines[i].running--
	g.free++
	g.moveBack(i)
	g.startNext()
}

// startNext lets the first search run that may.
func (g *searchGate) startNext() {
	i := slices.IndexFunc(g.lines, func(l *searchLine) bool { return len(l.turns) > 0 && l.running < g.perNetwork })
	if i < 0 || g.free == 0 {
		return
	}
	line := g.lines[i]
	close(line.turns[0])
	line.turns = line.turns[1:]
	line.running++
	g.free--
	g.moveBack(i)
}

// moveBack puts a line behind the others, or removes it when it has no searches left.
func (g *searchGate) moveBack(i int) {
	line := g.lines[i]
	g.lines = slices.Delete(g.lines, i, i+1)
	if line.running > 0 || len(line.turns) > 0 {
		g.lines = append(g.lines, line)
	}
}

// giveUp takes a search out of its line, and reports whether it was still there.
func (g *searchGate) giveUp(network Network, turn chan struct{}) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := g.lineOf(network)
	if at < 0 {
		return false
	}
	line := g.lines[at]
	i := slices.Index(line.turns, turn)
	if i < 0 {
		return false
	}
	line.turns = slices.Delete(line.turns, i, i+1)
	if len(line.turns) == 0 && line.running == 0 {
		g.lines = slices.Delete(g.lines, at, at+1)
	}
	return true
}

func (g *searchGate) lineOf(network Network) int {
	return slices.IndexFunc(g.lines, func(l *searchLine) bool { return l.network == network })
}
