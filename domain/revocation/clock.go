package revocation

import "time"

// Clock is this instance's clock. Now may jump. Elapsed never goes back, but may stand still while the machine sleeps.
type Clock interface {
	Now() time.Time
	Elapsed() time.Duration
}

// overlap is how far before the last good poll the next one begins to read. It must be longer than the time between the
// time of an entry and its commit.
const overlap = 120 * time.Second

// clockTolerance is how far the store's clock and this instance's may drift apart between two polls without being taken for
// a jump.
const clockTolerance = 10 * time.Second

// reading holds the times of all clocks when a poll began, and the store's epoch.
type reading struct {
	epoch   Epoch
	store   time.Time
	wall    time.Time
	elapsed time.Duration
}

// continues reports whether the poll at next may read only what is new since r. It must read everything after a gap (the
// store was lost, the process was frozen, the machine slept), because entries may have been added and deleted; in another
// epoch, which has another history; and after a jump of the store's clock, because entries made since may have older times.
func (r reading) continues(next reading) bool {
	return next.epoch == r.epoch &&
		next.elapsed-r.elapsed <= overlap &&
		next.wall.Sub(r.wall).Abs() <= overlap &&
		r.jump(next).Abs() <= clockTolerance
}

// jump returns how much more time passed on the store's clock than on this instance's.
func (r reading) jump(next reading) time.Duration {
	return next.store.Sub(r.store) - (next.elapsed - r.elapsed)
}

// lateEntries allows for entries whose time was taken before the store's clock jumped forward and which are committed after
// the jump.
type lateEntries struct {
	from  time.Time     // the time on the store's clock without the jump
	until time.Duration // when all of them have been committed
}

// expect notes a jump forward between two polls. An earlier jump stays noted until it is over.
func (l *lateEntries) expect(last, next reading) {
	jump := last.jump(next)
	if jump <= clockTolerance {
		return
	}
	if from := next.store.Add(-jump); next.elapsed >= l.until || from.Before(l.from) {
		l.from = from
	}
	l.until = next.elapsed + overlap
}

// since returns the time of the last poll, or the earlier time that late entries may still have.
func (l *lateEntries) since(last, next reading) time.Time {
	if next.elapsed < l.until && l.from.Before(last.store) {
		return l.from
	}
	return last.store
}
