package main

import (
	"io/fs"
	"path"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

const (
	// gcPercent replaces GOGC, whose default is 100. Of 200 and 400, neither was always cheaper per request
	// (docs/benchmarks.md), so the value that needs less memory is used.
	gcPercent = 200

	restMemory = 32 // MiB for everything but requests and hashes: ended sessions, verified tokens, caches
	hashMemory = 19 // MiB of one Argon2id hash
)

// tuneCollector makes the garbage collector run less often, and sets a soft limit on the memory of the process. Near that
// limit the collector runs more often. machine is the memory limit of the machine in bytes, or 0. Without that limit and
// without a budget for requests, Go's defaults stay. GOGC and GOMEMLIMIT in the environment take precedence. tuneCollector
// returns a warning if the machine allows less than the settings need.
func (c *config) tuneCollector(getenv func(string) string, machine int64) (warning string) {
	limit := c.memoryLimit(machine)
	if limit == 0 {
		return ""
	}
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit)
	}
	if machine > 0 && limit < c.memoryNeeded() {
		return "the memory limit of this container or service is too low for POSTERN_WORK_MEMORY and POSTERN_HASH_WORKERS"
	}
	return ""
}

// memoryLimit returns the limit in bytes, or 0 for none. It is twice the memory that the settings need, but at most nine
// tenths of the machine's limit, because Go does not count the code of the program and the stacks of the system.
func (c *config) memoryLimit(machine int64) int64 {
	limit := 2 * c.memoryNeeded()
	if machine = machine / 10 * 9; machine > 0 && (limit == 0 || machine < limit) {
		limit = machine
	}
	return limit
}

// memoryNeeded returns how many bytes requests, hashes and everything else may use. It returns 0 if requests have no budget.
func (c *config) memoryNeeded() int64 {
	if c.WorkMemory == 0 {
		return 0
	}
	hashes := int64(max(c.HashWorkers, runtime.GOMAXPROCS(0)))
	return (c.WorkMemory + restMemory + hashes*hashMemory) << 20
}

// cgroupMemory returns the lowest memory limit, in bytes, of the control groups that this process is in, or 0 if there is none.
// root is the root of the file system.
func cgroupMemory(root fs.FS) (limit int64) {
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(groups)) {
		_, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, group, _ := strings.Cut(rest, ":")
		mount, file := "", ""
		switch {
		case controllers == "": // version 2
			mount, file = "sys/fs/cgroup", "memory.max"
		case strings.Contains(","+controllers+",", ",memory,"): // version 1
			mount, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		default:
			continue
		}
		if found := lowestLimit(root, mount, group, file); found > 0 && (limit == 0 || found < limit) {
			limit = found
		}
	}
	return limit
}

// noLimit is the smallest number that means "no limit" in version 1.
const noLimit = 1 << 60

// lowestLimit returns the lowest limit of a group and the groups around it, or 0. Folders may be missing: in a container, only
// its own group may be visible, as the root of the mount.
func lowestLimit(root fs.FS, mount, group, file string) (limit int64) {
	for group = path.Clean("/" + group); ; group = path.Dir(group) {
		text, err := fs.ReadFile(root, path.Join(mount, group, file))
		n, parseErr := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // "max" is not a number
		if err == nil && parseErr == nil && n > 0 && n < noLimit && (limit == 0 || n < limit) {
			limit = n
		}
		if group == "/" {
			return limit
		}
	}
}
