package token

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fileOf returns the information of a file with a mode, an owner and a group.
type fileOf struct {
	mode     fs.FileMode
	uid, gid int
}

func (fileOf) Name() string        { return "secret" }
func (fileOf) Size() int64         { return 1 }
func (f fileOf) Mode() fs.FileMode { return f.mode }
func (fileOf) ModTime() time.Time  { return time.Time{} }
func (fileOf) IsDir() bool         { return false }
func (f fileOf) Sys() any          { return &syscall.Stat_t{Uid: uint32(f.uid), Gid: uint32(f.gid)} }

func TestModesOfSecrets(t *testing.T) {
	t.Parallel()
	own, strange := os.Getegid(), 987654
	const user = 54321
	for _, c := range []struct {
		file fileOf
		want string
	}{
		{fileOf{0o600, user, strange}, ""},
		{fileOf{0o400, user, strange}, ""},
		{fileOf{0o440, user, own}, ""},
		{fileOf{0o640, user, own}, ""},
		{fileOf{0o440, 0, 0}, ""}, // a credential of systemd, whose reader is in an access control list
		{fileOf{0o440, user, strange}, "it has mode 0440, and its group is not one of this process: give it a group"},
		{fileOf{0o640, user, strange}, "it has mode 0640, and its group is not one of this process: give it a group"},
		{fileOf{0o660, user, own}, "it has mode 0660, so that others than its owner can reach it: run chmod 600"},
		{fileOf{0o610, user, own}, "it has mode 0610, so that others"},
		{fileOf{0o444, user, own}, "it has mode 0444, so that others"},
		{fileOf{0o604, user, own}, "it has mode 0604, so that others"},
		{fileOf{0o602, user, own}, "it has mode 0602, so that others"},
	} {
		err := checkMode(c.file, isOwnGroup)
		if c.want == "" {
			require.NoError(t, err, "%v", c.file)
		} else {
			require.ErrorContains(t, err, c.want)
		}
	}
	groups, err := os.Getgroups()
	require.NoError(t, err)
	for _, gid := range groups {
		require.NoError(t, checkMode(fileOf{0o440, user, gid}, isOwnGroup))
	}
	err = checkMode(fileOf{0o440, user, 0}, isOwnGroup)
	require.Equal(t, slices.Contains(append(groups, own), 0), err == nil, "a file of the group root is refused, unless root owns it or the process is in that group")
}

// TestKeyFileInAVolumeOfKubernetes uses the layout of a volume with fsGroup: files of mode 0440 behind links.
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

// TestRotateFileKeepsGroupAndMode matters because other processes read the file by its group and mode.
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

// TestRootOperatesOnAKeyFileOfAnyGroup checks that commands of root accept a file of any group. A service of root does not.
func TestRootOperatesOnAKeyFileOfAnyGroup(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		require.False(t, anyGroupForRoot(fileOf{0o440, 54321, 987654}))
		return
	}
	path := newKeyFile(t)
	require.NoError(t, os.Chown(path, 0, 987654))
	require.NoError(t, os.Chmod(path, 0o440))
	_, err := OpenFile(path, newTestClock().Now, nil)
	require.ErrorContains(t, err, "its group is not one of this process: give it a group of the user who runs the service")
	_, err = RotateFile(path, start, "")
	require.NoError(t, err)
	keys, err := ListFile(path, start)
	require.NoError(t, err)
	require.Len(t, keys, 4)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o440), info.Mode())
	require.EqualValues(t, 987654, info.Sys().(*syscall.Stat_t).Gid)
	require.NoError(t, os.Chmod(path, 0o444))
	_, err = RotateFile(path, start, "")
	require.ErrorContains(t, err, "others than its owner")
}
