package simulation_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing/synctest"
	"time"
)

// scheduler owns all interleaving. A task is a goroutine that makes one call to the services; it parks at every port it comes
// to, and runs on only when it is released. One task runs at a time, so a seed decides everything. Timers fire only while the
// scheduler sleeps, and what they wake parks at its next port.
type scheduler struct {
	mu     sync.Mutex
	next   int
	live   map[int]*task
	parked map[int]*parked
	over   bool
	trace  []string
}

type task struct {
	id   int
	on   *instance
	what string
}

type parked struct {
	*task
	point   string
	release chan verdict
}

// verdict is what happens to a call of a port.
type verdict int

const (
	proceed    verdict = iota
	refuse             // it fails, and nothing is done
	loseAnswer         // it is done, and fails
)

type taskKey struct{}

func newScheduler() *scheduler {
	return &scheduler{live: map[int]*task{}, parked: map[int]*parked{}}
}

// log adds a line to the trace. It may hold nothing random but what the seed decides.
func (s *scheduler) log(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := time.Since(epochOfBubble)
	s.trace = append(s.trace, fmt.Sprintf("%9.3fs  ", at.Seconds())+fmt.Sprintf(format, args...))
}

// epochOfBubble is when time begins in a bubble of testing/synctest.
var epochOfBubble = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// start runs fn as a task until it parks for the first time, or ends.
func (s *scheduler) start(on *instance, what string, fn func(ctx context.Context)) {
	s.mu.Lock()
	s.next++
	t := &task{s.next, on, what}
	s.live[t.id] = t
	s.mu.Unlock()
	s.log("%v starts", t)
	go func() {
		ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), taskKey{}, t), requestTimeout)
		defer cancel()
		fn(ctx)
		s.mu.Lock()
		delete(s.live, t.id)
		s.mu.Unlock()
	}()
	synctest.Wait()
}

// requestTimeout is how long a client waits for an answer.
const requestTimeout = 30 * time.Second

func (t *task) String() string { return fmt.Sprintf("%s#%d %s", t.on.name, t.id, t.what) }

// park waits at a port until the scheduler releases the task, and returns what becomes of the call. Callers that are no tasks pass.
func (s *scheduler) park(ctx context.Context, point string) verdict {
	t, ok := ctx.Value(taskKey{}).(*task)
	if !ok {
		return proceed
	}
	p := &parked{t, point, make(chan verdict)}
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return refuse
	}
	s.parked[t.id] = p
	s.mu.Unlock()
	return <-p.release
}

// runnable returns the parked tasks that may go on, in the order in which they were started.
func (s *scheduler) runnable() (all []*parked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.parked {
		if !p.on.frozen {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b *parked) int { return a.id - b.id })
	return all
}

// release lets a parked task run until it parks again, or ends.
func (s *scheduler) release(p *parked, v verdict) {
	s.log("%v: %s%s", p.task, p.point, [...]string{"", ": no connection", ": the answer is lost"}[v])
	s.mu.Lock()
	delete(s.parked, p.id)
	s.mu.Unlock()
	p.release <- v
	synctest.Wait()
}

// drain makes every call of a port fail until no task is left.
func (s *scheduler) drain() {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	for range 1000 {
		synctest.Wait()
		s.mu.Lock()
		waiting, left := s.parked, len(s.live)
		s.parked = map[int]*parked{}
		s.mu.Unlock()
		for _, p := range waiting {
			p.release <- refuse
		}
		if left == 0 {
			return
		}
		time.Sleep(time.Second)
	}
	panic("tasks never end")
}
