package pgtest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// errNoBinaries says what a person can do about it.
var errNoBinaries = errors.New("there is no PostgreSQL here to test with: install it (Debian: apt-get install postgresql; " +
	"macOS: brew install postgresql), or set TEST_DATABASE_URL to the URL of a server where databases may be created")

// findBinaries returns the folder that holds postgres and initdb.
func findBinaries() (string, error) {
	for _, dir := range installed() {
		if isExecutable(dir, "postgres") && isExecutable(dir, "initdb") {
			return dir, nil
		}
	}
	if os.Geteuid() == 0 {
		return "", errNoBinaries // what root downloads, the account that the server runs as could not read
	}
	dir, err := download()
	if err != nil {
		return "", fmt.Errorf("%w (downloading it failed: %w)", errNoBinaries, err)
	}
	return dir, nil
}

// installed returns folders that may hold an installation, the most likely one first.
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

// major returns the version in /usr/lib/postgresql/15/bin.
func major(dir string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir))) // 0, and so the last, if it is none
	return n
}

func isExecutable(dir, name string) bool {
	info, err := os.Stat(filepath.Join(dir, name))
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// download fetches binaries once for this account. The library can only start a server too, which is stopped at once: it would
// not end with the test binary.
func download() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	runtime, err := os.MkdirTemp("", "postern-pgtest-download-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(runtime) }()
	port, err := freePort()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "postern-pgtest", string(embedded.V17))
	db := embedded.NewDatabase(embedded.DefaultConfig().Version(embedded.V17).BinariesPath(dir).RuntimePath(runtime).
		Port(uint32(port)).Logger(io.Discard))
	if err := db.Start(); err != nil {
		return "", err
	}
	return filepath.Join(dir, "bin"), db.Stop()
}
