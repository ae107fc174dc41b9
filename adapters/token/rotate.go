package token

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"example.com/postern/domain"
)

// rotationDelay is the time between adding a key and its first signature. It is many times the interval at which instances
// read the file, so that all of them know the key by then.
const rotationDelay = 60 * time.Second

// RotateFile adds a signing key to a key file and returns its description. If a is empty, the new key has the algorithm of
// the signing key that comes into force last. The new key signs from 60 seconds after now, when every instance has read
// it. Changing the algorithm therefore logs nobody out.
//
// RotateFile drops signing keys whose last tokens have expired: those whose successor has been in force for longer than
// [domain.MaxTokenLife] plus clock skew. It keeps all other keys. The file is replaced atomically, keeps its owner, group and
// mode, and is flushed to the disk. Concurrent rotations take effect one after the other. Root may rotate a file of any
// group.
//
// RotateFile returns an error and leaves the file unchanged if the algorithm is unknown, [OpenFile] would refuse the file, or
// the file would contain more than 64 keys.
func RotateFile(path string, now time.Time, a Algorithm) (KeyInfo, error) {
	added, err := rotateFile(path, now, a, useSignature)
	if err != nil {
		return KeyInfo{}, err
	}
	return added[0], nil
}

// RotateAllFile is [RotateFile] for all uses: it adds a signing key, a refresh key and a cursor key, and returns their
// descriptions in this order. No rotation drops a refresh or cursor key, because only the operator knows how long a session
// may live, so earlier refresh tokens and cursors stay valid. An operator may remove such a key from the file once it has
// been out of force for the maximum lifetime of a session (90 days by default). Removing it earlier ends the sessions that
// started under it, which is what to do if the key has leaked.
func RotateAllFile(path string, now time.Time, a Algorithm) ([]KeyInfo, error) {
	return rotateFile(path, now, a, uses...)
}

func rotateFile(path string, now time.Time, a Algorithm, wanted ...string) ([]KeyInfo, error) {
	if a != "" && !slices.Contains(algorithms, a) {
		return nil, fmt.Errorf("rotate the keys: %w", errUnknownAlgorithm)
	}
	// A symbolic link to the file stays in place. Root does not follow one, because another user may have made it.
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 && os.Geteuid() == 0 {
		return nil, errors.New("key file: it is a symbolic link, which root does not follow: name the file itself")
	}
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("find the key file: %w", withoutPath(err))
	}
	unlock, err := lockFolder(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("lock the folder of the key file: %w", withoutPath(err))
	}
	defer unlock()
	keys, _, err := loadKeys(path, now, anyGroupForRoot)
	if err != nil {
		return nil, err
	}
	if a == "" {
		a = newKeySet(keys...).newest(useSignature).algorithm()
	}
	added := newKeys(wanted, a, now.Add(rotationDelay))
	keys = append(withoutExpired(keys, now), added...)
	if len(keys) > maxKeys {
		return nil, fmt.Errorf("key file: would contain more than %d keys: a rotation drops an old signing key about "+
			"an hour after its successor starts to sign; remove other keys by hand", maxKeys)
	}
	if err := replaceFile(path, keys); err != nil {
		return nil, fmt.Errorf("replace the key file: %w", withoutPath(err))
	}
	infos := make([]KeyInfo, len(added))
	for i, k := range added {
		infos[i] = k.info(key{}, now)
	}
	return infos, nil
}

// withoutExpired returns the keys without the signing keys whose tokens have all expired.
func withoutExpired(keys []key, now time.Time) []key {
	signing := newKeySet(keys...).byUse[useSignature]
	var expired []string
	for i, successor := range signing[1:] {
		if now.After(successor.notBefore.Add(domain.MaxTokenLife + maxSkew)) {
			expired = append(expired, signing[i].id)
		}
	}
	return slices.DeleteFunc(keys, func(k key) bool { return slices.Contains(expired, k.id) })
}

// replaceFile replaces a key file and keeps its owner, group and mode: the user who rotates keys is not always the user of
// the service.
func replaceFile(path string, keys []key) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	return writeKeyFile(path, keys, info, os.Rename)
}

// copyOwnership gives f the owner, the group and the mode of another file. Failing to set the group is an error only if the
// mode gives the group any rights.
func copyOwnership(f *os.File, model fs.FileInfo) error {
	mode := model.Mode().Perm()
	if stat, ok := model.Sys().(*syscall.Stat_t); ok {
		if err := f.Chown(int(stat.Uid), -1); err != nil {
			return err
		}
		if err := f.Chown(-1, int(stat.Gid)); err != nil && mode&0o070 != 0 {
			return err
		}
	}
	return f.Chmod(mode)
}

// lockFolder locks a folder and waits while another process holds the lock. The lock ends with the process.
func lockFolder(folder string) (unlock func(), err error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	err = syscall.EINTR
	for err == syscall.EINTR {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}
