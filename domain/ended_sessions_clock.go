package domain

import "time"

const (
	// endsOverlap is how far behind the last good poll the next one begins, because commits are not in the order of their times.
	// It is far longer than maxLateness, and whatever a store may take to commit.
	endsOverlap = 120 * time.Second

	// clockTolerance is by how much the store's clock and this instance's may differ between two polls before it is a jump. The
	// store's is read a little later.
	clockTolerance = 10 * time.Second
)

// reading is what all clocks showed when a poll began, and the store's epoch.
type reading struct {
	epoch   Epoch
	store   time.Time
	wall    time.Time
	elapsed time.Duration
}

// continues reports whether a poll may read on from this one. After a gap it may not, because ends may have come and gone: when
// the store was lost, the process frozen, or the machine asleep. Nor in another epoch, whose history is another one. Nor after a jump of the store's clock, because ends that were
// recorded then may be older than what has been read.
func (r reading) continues(next reading) bool {
	return next.epoch == r.epoch && next.elapsed-r.elapsed <= endsOverlap && next.wall.Sub(r.wall).Abs() <= endsOverlap && r.jump(next).Abs() <= clockTolerance
}

// jump returns by how much the store's clock went further than the elapsed time.
func (r reading) jump(next reading) time.Duration {
	return next.store.Sub(r.store) - (next.elapsed - r.elapsed)
}

// lateEnds allows for ends whose time was taken before the store's clock jumped forward, and which are committed after it.
type lateEnds struct {
	from  time.Time     // what the store's clock would have shown without the jump
	until time.Duration // when they are all committed
}

// expect notes a jump forward between two polls. What was noted before stays until it is over.
func (l *lateEnds) expect(last, next reading) {
	jump := last.jump(next)
	if jump <= clockTolerance {
		return
	}
	if from := next.store.Add(-jump); next.elapsed >= l.until || from.Before(l.from) {
		l.from = from
	}
	l.until = next.elapsed + endsOverlap
}

// since returns the time of the last poll, or an earlier one that ends may still be recorded at.
func (l *lateEnds) since(last, next reading) time.Time {
	if next.elapsed < l.until && l.from.Before(last.store) {
		return l.from
	}
	return last.store
}
