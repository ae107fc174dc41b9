package pgtest

import "syscall"

// minMemory is the space, in bytes, that the shared servers of several test binaries may need.
const minMemory = 2 << 30

// memoryDir returns a folder in memory with minMemory free, or "" if the machine has none. Each test creates and drops a
// database of some 300 files, which costs a server there a sixth of the system time.
func memoryDir() string {
	const dir = "/dev/shm"
	var stat syscall.Statfs_t
	if syscall.Statfs(dir, &stat) != nil || stat.Bavail*uint64(stat.Bsize) < minMemory {
		return ""
	}
	return dir
}
