package simulation_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing/synctest"
	"time"
)

// scheduler decides the order of all steps. A task is a goroutine that makes one call to the services. It parks at every
// call of a port until the scheduler releases it. One task runs at a time, so a seed decides everything. Timers fire only
// while the scheduler sleeps. A task that a timer wakes parks at its next call of a port.
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

// verdict decides what happens to a call of a port.
type verdict int

const (
	proceed    verdict = iota
	refuse             // it fails and has no effect
	loseAnswer         // it has its effect and fails
)

type taskKey struct{}

func newScheduler() *scheduler {
	return &scheduler{live: map[int]*task{}, parked: map[int]*parked{}}
}

// log adds a line to the trace. The same seed must give the same line.
func (s *scheduler) log(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := time.Since(epochOfBubble)
	s.trace = append(s.trace, fmt.Sprintf("%9.3fs  ", at.Seconds())+fmt.Sprintf(format, args...))
}

// epochOfBubble is the start of fake time in testing/synctest.
var epochOfBubble = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// start runs fn as a task until it parks for the first time or ends.
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

// park waits at a port until the scheduler releases the task, and returns the verdict. A caller that is not a task does not wait.
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

// runnable returns the parked tasks of instances that are not frozen, in the order in which they started.
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

// release lets a parked task run until it parks again or ends.
func (s *scheduler) release(p *parked, v verdict) {
	s.log("%v: %s%s", p.task, p.point, [...]string{"", ": no connection", ": the answer is lost"}[v])
	s.mu.Lock()
	delete(s.parked, p.id)
	s.mu.Unlock()
	p.release <- v
	synctest.Wait()
}

// drain makes all calls of ports fail until all tasks have ended.
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
	panic("a task does not end")
}
