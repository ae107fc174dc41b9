package token

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"syscall"
)

// Errors of [ReadPrivate], beside those of the file system.
var (
	errNotRegular = errors.New("it is not a regular file")
	errTooLarge   = errors.New("it is too large")
)

// ReadPrivate returns what a file with a secret holds, up to limit bytes. It refuses a file that users other than its owner
// can reach. One group may read it: a group of this process (Kubernetes hands out secrets so, with fsGroup and a defaultMode
// of 0440), or the group root if the file is root's too (systemd's LoadCredential: the process reads it through an access
// control list, whose rights the mode shows as those of the group). The errors hold no path and nothing of the content.
func ReadPrivate(path string, limit int64) ([]byte, error) {
	return readPrivate(path, limit, isOwnGroup)
}

// anyGroupForRoot allows what isOwnGroup does, and root everything: an operator works on files of the service's group.
func anyGroupForRoot(info fs.FileInfo) bool { return os.Geteuid() == 0 || isOwnGroup(info) }

func readPrivate(path string, limit int64, mayRead func(fs.FileInfo) bool) ([]byte, error) {
	// Opening a pipe that stands in the file's place must not block.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, withoutPath(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	if err := checkMode(info, mayRead); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, withoutPath(err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", errTooLarge, limit)
	}
	return data, nil
}

// checkMode looks at the mode of a file with a secret, and asks mayRead whether its group may read it.
func checkMode(info fs.FileInfo, mayRead func(fs.FileInfo) bool) error {
	mode := info.Mode().Perm()
	switch {
	case mode&0o077 == 0:
		return nil
	case mode&0o037 != 0:
		return fmt.Errorf("it has mode %04o, so that others than its owner can reach it: run chmod 600 on it (in Kubernetes, set "+
			"defaultMode: 0440 and fsGroup), and replace the secret if others may have read it", mode)
	case !mayRead(info):
		return fmt.Errorf("it has mode %04o, and its group is not one of this process: give it a group of the user who runs the "+
			"service (in Kubernetes, set fsGroup), and replace the secret if others may have read it", mode)
	}
	return nil
}

// isOwnGroup reports whether a file's group is one of this process, or file and group are root's.
func isOwnGroup(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	if stat.Uid == 0 && stat.Gid == 0 {
		return true
	}
	groups, err := os.Getgroups()
	return err == nil && slices.Contains(append(groups, os.Getegid()), int(stat.Gid))
}

// withoutPath returns the cause of an error of the file system. It still matches [fs.ErrNotExist] and the like.
func withoutPath(err error) error {
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}
