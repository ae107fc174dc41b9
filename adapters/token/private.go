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

// Errors of [ReadPrivate], in addition to those of the file system.
var (
	errNotRegular = errors.New("it is not a regular file")
	errTooLarge   = errors.New("it is too large")
)

// ReadPrivate returns the contents of a file that holds a secret, at most limit bytes. It refuses a file that users other
// than its owner can read or write, with two exceptions for reading. The file's group may read it if this process belongs
// to that group: Kubernetes mounts secrets this way, with fsGroup and a defaultMode of 0440. The group root may read it if
// root owns the file: systemd's LoadCredential grants access by an access control list, which the mode shows as rights of
// the group. The errors contain neither the path nor the contents.
func ReadPrivate(path string, limit int64) ([]byte, error) {
	return readPrivate(path, limit, isOwnGroup)
}

// anyGroupForRoot is isOwnGroup, except that it allows root any group: an operator handles files of the service's group.
func anyGroupForRoot(info fs.FileInfo) bool { return os.Geteuid() == 0 || isOwnGroup(info) }

func readPrivate(path string, limit int64, mayRead func(fs.FileInfo) bool) ([]byte, error) {
	// Opening a named pipe must not block.
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

// checkMode returns an error if the mode of a file with a secret allows too much. It asks mayRead whether the file's group
// may read it.
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

// isOwnGroup reports whether this process belongs to the file's group, or both owner and group are root.
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

// withoutPath returns the cause of a file system error, because its text contains the path, which is the value of a setting.
// The cause still matches errors such as [fs.ErrNotExist].
func withoutPath(err error) error {
	if failure, ok := errors.AsType[*fs.PathError](err); ok {
		return failure.Err
	}
	if failure, ok := errors.AsType[*os.LinkError](err); ok {
		return failure.Err
	}
	return err
}
