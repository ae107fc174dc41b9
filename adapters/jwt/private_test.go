package jwt

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fileOf is a file with a mode and a group.
type fileOf struct {
	mode fs.FileMode
	gid  int
}

func (fileOf) Name() string        { return "secret" }
func (fileOf) Size() int64         { return 1 }
func (f fileOf) Mode() fs.FileMode { return f.mode }
func (fileOf) ModTime() time.Time  { return time.Time{} }
func (fileOf) IsDir() bool         { return false }
func (f fileOf) Sys() any          { return &syscall.Stat_t{Gid: uint32(f.gid)} }

func TestModesOfSecrets(t *testing.T) {
	t.Parallel()
	own, strange := os.Getegid(), 987654
	for _, c := range []struct {
		file fileOf
		want string
	}{
		{fileOf{0o600, strange}, ""},
		{fileOf{0o400, strange}, ""},
		{fileOf{0o440, own}, ""},
		{fileOf{0o640, own}, ""},
		{fileOf{0o440, 0}, ""}, // as systemd hands out a credential, whose reader is in an access control list
		{fileOf{0o440, strange}, "it has mode 0440, and its group is not one of this process: run chmod 600"},
		{fileOf{0o640, strange}, "it has mode 0640, and its group is not one of this process: run chmod 600"},
		{fileOf{0o660, own}, "it has mode 0660, so that others than its owner can reach it: run chmod 600"},
		{fileOf{0o610, own}, "it has mode 0610, so that others"},
		{fileOf{0o444, own}, "it has mode 0444, so that others"},
		{fileOf{0o604, own}, "it has mode 0604, so that others"},
		{fileOf{0o602, own}, "it has mode 0602, so that others"},
	} {
		err := checkMode(c.file)
		if c.want == "" {
			require.NoError(t, err, "%v", c.file)
		} else {
			require.ErrorContains(t, err, c.want)
		}
	}
	groups, err := os.Getgroups()
	require.NoError(t, err)
	for _, gid := range groups {
		require.NoError(t, checkMode(fileOf{0o440, gid}))
	}
}

// A volume of Kubernetes with fsGroup: files of mode 0440, reached by links.
func TestKeyFileInAVolumeOfKubernetes(t *testing.T) {
	t.Parallel()
	volume := t.TempDir()
	hidden := filepath.Join(volume, "..2026_11_28")
	require.NoError(t, os.Mkdir(hidden, 0o700))
	require.NoError(t, os.Rename(newKeyFile(t), filepath.Join(hidden, "keys.json")))
	require.NoError(t, os.Chown(filepath.Join(hidden, "keys.json"), -1, os.Getegid()))
	require.NoError(t, os.Chmod(filepath.Join(hidden, "keys.json"), 0o440))
	require.NoError(t, os.Symlink("..2026_11_28", filepath.Join(volume, "..data")))
	require.NoError(t, os.Symlink("..data/keys.json", filepath.Join(volume, "keys.json")))
	_, err := OpenFile(filepath.Join(volume, "keys.json"), newTestClock().Now, nil)
	require.NoError(t, err)
}

// The file keeps the group and the mode by which others read it.
func TestRotateFileKeepsGroupAndMode(t *testing.T) {
	t.Parallel()
	path := newKeyFile(t)
	groups, err := os.Getgroups()
	require.NoError(t, err)
	gid := append(groups, os.Getegid())[0]
	require.NoError(t, os.Chown(path, -1, gid))
	require.NoError(t, os.Chmod(path, 0o640))
	_, err = RotateFile(path, start, "")
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o640), info.Mode())
	require.EqualValues(t, gid, info.Sys().(*syscall.Stat_t).Gid)
}
