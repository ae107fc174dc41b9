package jwt

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
// can reach, with one exception: a group that this process belongs to, or that of root, may read it. Kubernetes (with
// fsGroup and a defaultMode of 0440) and systemd (LoadCredential) hand out secrets so. The errors hold no path and nothing
// of the content.
func ReadPrivate(path string, limit int64) ([]byte, error) {
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
	if err := checkMode(info); err != nil {
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

// checkMode looks at the mode and the group of a file with a secret.
func checkMode(info fs.FileInfo) error {
	mode := info.Mode().Perm()
	switch {
	case mode&0o077 == 0:
		return nil
	case mode&0o037 != 0:
		return fmt.Errorf("it has mode %04o, so that others than its owner can reach it: run chmod 600 on it (in Kubernetes, set "+
			"defaultMode: 0440 and fsGroup), and replace the secret if others may have read it", mode)
	case !isOwnGroup(info):
		return fmt.Errorf("it has mode %04o, and its group is not one of this process: run chmod 600 on it (in Kubernetes, set "+
			"fsGroup), and replace the secret if others may have read it", mode)
	}
	return nil
}

func isOwnGroup(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	groups, err := os.Getgroups()
	own := append(groups, os.Getegid(), 0)
	return err == nil && slices.Contains(own, int(stat.Gid))
}

// withoutPath returns the cause of an error of the file system. It still matches [fs.ErrNotExist] and the like.
func withoutPath(err error) error {
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}
