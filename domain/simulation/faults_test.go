package simulation_test

import (
	"context"
	"time"

	"example.com/postern/domain"
)

// backup is a copy of the store, with the accounts that were acknowledged when it was made.
type backup struct {
	restore  func()
	accounts []*account
}

// breakSomething causes a fault or repairs one.
func (w *simulation) breakSomething() {
	i := w.instances[w.rng.IntN(instances)]
	switch w.rng.IntN(8) {
	case 0, 1, 2:
		i.cut, i.cutAt = !i.cut, time.Now()
		w.log("%s is cut off: %v", i.name, i.cut)
	case 3, 4:
		i.frozen = !i.frozen
		i.asleep = i.frozen && w.rng.IntN(2) == 0
		w.log("%s is frozen: %v, asleep: %v", i.name, i.frozen, i.asleep)
	case 5:
		i.clock.set = w.pick([]time.Duration{0, 0, 7000 * time.Second, -7000 * time.Second})
		w.log("the wall clock of %s is wrong by %v", i.name, i.clock.set)
	case 6:
		w.setStoreClock()
	case 7:
		if w.backup == nil || w.rng.IntN(2) == 0 {
			w.backup = &backup{w.store.Backup(), w.known()}
			w.log("a backup is made")
		} else {
			w.rollBack()
		}
	}
}

// setStoreClock sets the store's clock, as a failover to another machine does. It does not set it forward and back between
// two polls, because no instance could notice that.
func (w *simulation) setStoreClock() {
	if time.Now().Before(w.storeHeld) {
		return
	}
	w.storeHeld = time.Now().Add(10 * time.Minute)
	w.storeSet = w.pick([]time.Duration{0, 5 * time.Second, 150 * time.Second, -150 * time.Second, 2 * time.Hour, -2 * time.Hour})
	w.forgetGuesses()
	w.log("the store's clock is wrong by %v", w.storeSet)
}

// rollBack restores the backup, and gives the store a new epoch.
func (w *simulation) rollBack() {
	w.backup.restore()
	if _, err := w.store.NewEpoch(context.Background(), domain.OperatorAction{}); err != nil {
		w.fail("there is no new epoch: %v", err)
	}
	w.newEpoch(w.backup.accounts)
	w.backup = nil
	w.log("the store is rolled back")
}
