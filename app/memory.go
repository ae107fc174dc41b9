package main

import (
	"runtime"
	"runtime/debug"
)

const (
	// garbage is how much of it there may be before it is collected, in percent of the memory in use. Go's default is 100. Of 200
	// and 400 neither was always cheaper per request (docs/benchmarks.md), so the one that needs less memory is taken.
	garbage = 200

	restMemory = 32 // MiB that the service may hold beside requests and hashes: sessions that ended, verified tokens, caches
	hashMemory = 19 // MiB of one Argon2id hash
)

// tuneCollector lets more garbage wait than Go does, within a limit of memory: twice what requests and hashes may hold, which is
// what Go's default would take at worst. Close to the limit garbage is collected sooner. Without a bound on requests there is
// nothing to derive a limit from, and Go's default stays. What the environment says in GOGC and GOMEMLIMIT wins.
func (c *config) tuneCollector(getenv func(string) string) {
	if c.WorkMemory == 0 || getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(garbage)
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(c.memoryLimit())
	}
}

// memoryLimit returns the limit in octets.
func (c *config) memoryLimit() int64 {
	hashes := max(c.HashWorkers, runtime.GOMAXPROCS(0))
	return 2 * int64(c.WorkMemory+restMemory+hashes*hashMemory) << 20
}
