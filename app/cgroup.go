package main

import (
	"io/fs"
	"path"
	"strconv"
	"strings"
)

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

// noLimit is where the numbers begin by which version 1 says that there is no limit.
const noLimit = 1 << 60

// lowestLimit returns the lowest limit of a group and the groups around it, or 0. Folders may be missing: in a container, only
// its own group may be visible, as the root of the mount.
func lowestLimit(root fs.FS, mount, group, file string) (limit int64) {
	for group = path.Clean("/" + group); ; group = path.Dir(group) {
		text, err := fs.ReadFile(root, path.Join(mount, group, file))
		n, parseErr := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // "max" is no number
		if err == nil && parseErr == nil && n > 0 && n < noLimit && (limit == 0 || n < limit) {
			limit = n
		}
		if group == "/" {
			return limit
		}
	}
}
