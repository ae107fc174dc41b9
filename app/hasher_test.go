//go:build !timing

package main

import "example.com/postern/adapters/password"

// Hashes are cheap in tests, except in new processes, and in tests that measure times.
func init() {
	newHasher = func(o password.Options) (*password.Hasher, error) {
		o.Memory, o.Time, o.Threads = 8, 1, 1
		return password.NewUnchecked(o), nil
	}
}
