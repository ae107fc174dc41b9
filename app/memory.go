package main

import (
	"runtime"
	"runtime/debug"
)

const (
	// gcPercent replaces GOGC, whose default is 100. Of 200 and 400, neither was always cheaper per request
	// (docs/benchmarks.md), so the value that needs less memory is used.
	gcPercent = 200

	restMemory = 32 // MiB for everything but requests and hashes: ended sessions, verified tokens, caches
	hashMemory = 19 // MiB of one Argon2id hash
)

// tuneCollector makes the garbage collector run less often, and sets a soft limit on the memory of the process. Close to the
// limit the collector runs more often. Without a budget for requests there is nothing to derive the limit from, so Go's
// defaults stay. GOGC in the environment switches both off, and GOMEMLIMIT there replaces the limit.
func (c *config) tuneCollector(getenv func(string) string) {
	if c.WorkMemory == 0 || getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(gcPercent)
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(c.memoryLimit())
	}
}

// memoryLimit returns the limit in bytes: twice what requests, hashes and everything else may use.
func (c *config) memoryLimit() int64 {
	hashes := max(c.HashWorkers, runtime.GOMAXPROCS(0))
	return 2 * int64(c.WorkMemory+restMemory+hashes*hashMemory) << 20
}
