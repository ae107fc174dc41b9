package password

import (
	"errors"
	"fmt"
	"runtime"
	"time"
)

// Options says how dear a hash is and how much hashing goes on at once. The zero value is what most machines need: each
// zero member means its default.
type Options struct {
	// Memory (KiB), Time (passes) and Threads (lanes) are Argon2id's parameters: 19456, 2 and 1 by default, and never less
	// than that or 47104, 1 and 1 (OWASP Password Storage Cheat Sheet). At most 262144, 16 and 16.
	Memory  uint32
	Time    uint32
	Threads uint8

	// Workers is how many hashes are computed at once. By default one core is left to everyone else.
	Workers int

	// Queue is how many calls may wait for a worker, of Hash half as many: 16 for each worker by default, about what a
	// worker does in half a second. Those who would wait longer are better refused at once.
	Queue int

	// MaxWait is how long a call waits for a worker: 2 seconds by default.
	MaxWait time.Duration
}

func (o Options) withDefaults() Options {
	if o.Memory == 0 && o.Time == 0 {
		o.Memory, o.Time = 19456, 2
	}
	if o.Threads == 0 {
		o.Threads = 1
	}
	if o.Workers == 0 {
		o.Workers = max(1, (runtime.GOMAXPROCS(0)-1)/int(o.Threads))
	}
	if o.Queue == 0 {
		o.Queue = 16 * o.Workers
	}
	if o.MaxWait == 0 {
		o.MaxWait = 2 * time.Second
	}
	return o
}

func (o Options) check() error {
	strong := o.Memory >= 19456 && o.Time >= 2 || o.Memory >= 47104 && o.Time >= 1
	if !strong {
		return errors.New("argon2id: needs a memory of at least 19456 KiB with a time of 2, or 47104 KiB with a time of 1")
	}
	if !(cost{o.Memory, o.Time, o.Threads}).bounded() {
		return fmt.Errorf("argon2id: takes at most %d KiB of memory, a time of %d and %d threads", maxMemory, maxTime, maxThreads)
	}
	if o.Workers < 1 || o.Queue < 1 || o.MaxWait < 0 {
		return errors.New("argon2id: needs at least one worker, one place in the queue and a wait that is not negative")
	}
	return nil
}
