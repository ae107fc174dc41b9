//go:build !timing

package main

import (
	"os"

	"example.com/postern/adapters/password"
)

// Hashes are cheap in tests, except in new processes, which run the program as it is, and in tests that measure times.
func init() {
	if os.Getenv(beMain) == "" {
		newHasher = func(o password.Options) (*password.Hasher, error) {
			o.Memory, o.Time, o.Threads = 8, 1, 1
			return password.NewUnchecked(o), nil
		}
	}
}
