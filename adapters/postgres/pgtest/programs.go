package pgtest

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
)

// errNoPrograms is the reason why a test that needs a client program cannot run.
var errNoPrograms = errors.New("a client program of PostgreSQL is not installed")

// Program returns the path of a client program, such as pg_dump. npm packages of PostgreSQL do not contain it, so it is also
// looked for in other installations.
func Program(t testing.TB, name string) string {
	t.Helper()
	dirs := installed()
	if dir, err := binaries(); err == nil {
		dirs = append([]string{dir}, dirs...)
	}
	for _, dir := range dirs {
		if isExecutable(dir, name) {
			return filepath.Join(dir, name)
		}
	}
	fail(t, fmt.Errorf("%w: %s", errNoPrograms, name))
	return ""
}
