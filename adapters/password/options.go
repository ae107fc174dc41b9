package password

import (
	"errors"
	"fmt"
	"runtime"
	"time"
)

// Options configures the cost of a hash and the number of concurrent hashes. A zero field means its default. The zero value
// suits most machines.
type Options struct {
	// Memory (KiB), Time (passes) and Threads (lanes) are Argon2id's parameters. The default is 19456, 2 and 1. The minimum
	// is the default or 47104, 1 and 1 (OWASP Password Storage Cheat Sheet). The maximum is 262144, 16 and 16.
	Memory  uint32
	Time    uint32
	Threads uint8

	// Workers is the number of hashes that are computed at once. The default leaves one core to other work.
	Workers int

	// Queue is the number of calls that may wait for a worker. Calls of Hash may fill half of it. The default is 32 per
	// worker, about as many as a worker computes in a second.
	Queue int

	// MaxWait is the longest time that a call waits for a worker. The default is 2 seconds.
	MaxWait time.Duration

	// Waited is called with the time that a call waited before its work began. It may be nil.
	Waited func(time.Duration)
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
		o.Queue = 32 * o.Workers
	}
	if o.MaxWait == 0 {
		o.MaxWait = 2 * time.Second
	}
	return o
}

func (o Options) check() error {
	strong := o.Memory >= 19456 && o.Time >= 2 || o.Memory >= 47104 && o.Time >= 1
	if !strong {
		return errors.New("argon2id: the memory must be at least 19456 KiB with a time of 2, or 47104 KiB with a time of 1")
	}
	if !(cost{o.Memory, o.Time, o.Threads}).bounded() {
		return fmt.Errorf("argon2id: the memory must be at most %d KiB, the time at most %d and the threads at most %d",
			maxMemory, maxTime, maxThreads)
	}
	if o.Workers < 1 || o.Queue < 1 || o.MaxWait < 0 {
		return errors.New("argon2id: there must be at least one worker, one place in the queue and a maximum wait that is not negative")
	}
	return nil
}
