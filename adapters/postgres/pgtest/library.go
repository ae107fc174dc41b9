package pgtest

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// libraryVersion is the version that the library downloads.
const libraryVersion = "18.3.0"

// fromLibrary returns the programs that the Go library embedded-postgres downloads. The library is a dependency of the module
// test only, not of the service.
func fromLibrary() (string, error) {
	dir, err := cached("library-"+libraryVersion, func(dir string) error {
		ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
		defer cancel()
		module, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
		if err != nil {
			return fmt.Errorf("go env GOMOD: %w", err)
		}
		fetch := exec.CommandContext(ctx, "go", "run", "./postgres", libraryVersion, dir)
		fetch.Dir = filepath.Join(filepath.Dir(strings.TrimSpace(string(module))), "test")
		if out, err := fetch.CombinedOutput(); err != nil {
			return fmt.Errorf("go run ./postgres: %w\n%s", err, out)
		}
		return checkRuns(filepath.Join(dir, "bin"))
	})
	if err != nil {
		return "", err
	}
	if dir, err = readable(dir); err != nil {
		return "", err
	}
	return filepath.Join(dir, "bin"), nil
}
