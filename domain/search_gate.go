package domain

import (
	"context"
	"slices"
	"sync"
	"time"
)

// SearchWait is how long a search waits for its turn before it is refused.
const SearchWait = time.Second

// searchGate bounds how many searches run at once. Clients wait in one line for each network, and the networks take turns, so that
// one with many searches does not keep the others out. A nil gate lets every search in.
type searchGate struct {
	mu    sync.Mutex
	free  int // how many more may run; 0 while anybody waits
	lines []*searchLine
}

type searchLine struct {
	network Network
	turns   []chan struct{} // closed when the search may run; the oldest is first
}

func newSearchGate(searches int) *searchGate {
	if searches <= 0 {
		return nil
	}
	return &searchGate{free: searches}
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
	select {
	case <-turn:
		return g.leave, nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = ErrSearchBusy
	}
	if !g.giveUp(network, turn) {
		g.leave() // its turn came at the same moment
	}
	return nil, err
}

func (g *searchGate) join(network Network) (turn chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	turn = make(chan struct{})
	if g.free > 0 {
		g.free--
		close(turn)
		return turn
	}
	i := g.lineOf(network)
	if i < 0 {
		i = len(g.lines)
		g.lines = append(g.lines, &searchLine{network: network})
	}
	g.lines[i].turns = append(g.lines[i].turns, turn)
	return turn
}

// leave lets the first search of the next network run.
func (g *searchGate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.lines) == 0 {
		g.free++
		return
	}
	line := g.lines[0]
	close(line.turns[0])
	line.turns, g.lines = line.turns[1:], g.lines[1:]
	if len(line.turns) > 0 {
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
	if line.turns = slices.Delete(line.turns, i, i+1); len(line.turns) == 0 {
		g.lines = slices.Delete(g.lines, at, at+1)
	}
	return true
}

func (g *searchGate) lineOf(network Network) int {
	return slices.IndexFunc(g.lines, func(l *searchLine) bool { return l.network == network })
}
