package main

import (
	"runtime"
	"runtime/debug"
)

const (
	// gcPercent replaces GOGC, whose default is 100. Of 200 and 400, neither was always cheaper per request
	// (docs/benchmarks.md), so the value that needs less memory is taken.
	gcPercent = 200

	restMemory = 32 // MiB for everything but requests and hashes: ended sessions, verified tokens, caches
	hashMemory = 19 // MiB of one Argon2id hash
)

// tuneCollector makes the garbage collector run less often, and limits the memory of the process to twice what is in use at
// most. With Go's default the process could grow to the same size. Close to the limit the collector runs more often. Without a
// limit on requests there is no limit on memory, so the default stays. GOGC and GOMEMLIMIT in the environment win.
func (c *config) tuneCollector(getenv func(string) string) {
	if c.WorkMemory == 0 || getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(gcPercent)
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(c.memoryLimit())
	}
}

// memoryLimit returns the limit in bytes.
func (c *config) memoryLimit() int64 {
	hashes := max(c.HashWorkers, runtime.GOMAXPROCS(0))
	return 2 * int64(c.WorkMemory+restMemory+hashes*hashMemory) << 20
}
