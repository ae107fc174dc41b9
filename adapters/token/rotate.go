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

// rotationDelay is how long a new key is known before it signs: many times the interval at which instances read the file.
const rotationDelay = 60 * time.Second

// RotateFile adds a signing key to a key file and returns it. Its algorithm is the given one, or if that is empty, that of
// the signing key which comes into force last. It signs from 60 seconds after now on, when every instance has read it, so
// that one can also change the algorithm without logging anyone out. Signing keys whose last tokens have expired, because
// their successor has signed for longer than [domain.MaxTokenLife] and clock skew, are dropped; all other keys stay. The
// file is replaced in one step, keeping its owner, group and mode, and flushed to the disk; two rotations at once both happen, one after
// the other. Root may rotate a file of any group. An unknown algorithm is an error; a file that [OpenFile] would refuse is refused and left alone, and so is one
// that would hold more than 64 keys.
func RotateFile(path string, now time.Time, a Algorithm) (KeyInfo, error) {
	added, err := rotateFile(path, now, a, useSignature)
	if err != nil {
		return KeyInfo{}, err
	}
	return added[0], nil
}

// RotateAllFile is [RotateFile] for all uses at once: it adds a signing key, a refresh key and a cursor key, and returns
// them in this order. What was made with the former refresh and cursor keys stays good: no rotation ever drops those, since
// only the operator knows how long a session may live here. Once such a key has been out of force for that long (90 days
// unless configured otherwise), it may be taken out of the file; taken out earlier, it ends the sessions that began under
// it, as it must when it has leaked.
func RotateAllFile(path string, now time.Time, a Algorithm) ([]KeyInfo, error) {
	return rotateFile(path, now, a, uses...)
}

func rotateFile(path string, now time.Time, a Algorithm, wanted ...string) ([]KeyInfo, error) {
	if a != "" && !slices.Contains(algorithms, a) {
		return nil, fmt.Errorf("rotate the keys: %w", errUnknownAlgorithm)
	}
	// A link to the file stays a link to it. But root does not follow one: others may have made it.
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 && os.Geteuid() == 0 {
		return nil, errors.New("key file: it is a link, which root does not follow: name the file itself")
	}
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("find the key file: %w", pathless(err))
	}
	unlock, err := lockFolder(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("lock the folder of the key file: %w", pathless(err))
	}
	defer unlock()
	file := watchedFile{path: path, mayRead: anyGroupForRoot}
	keys, _, err := file.load(now)
	if err != nil {
		return nil, err
	}
	if a == "" {
		a = newKeySet(keys...).newest(useSignature).algorithm()
	}
	added := newKeys(wanted, a, now.Add(rotationDelay))
	keys = append(withoutExpired(keys, now), added...)
	if len(keys) > maxKeys {
		return nil, fmt.Errorf("key file: would hold more than %d keys; old signing keys are dropped by a rotation about "+
			"an hour after the next one signs, others by hand", maxKeys)
	}
	if err := replaceFile(path, keys); err != nil {
		return nil, fmt.Errorf("replace the key file: %w", pathless(err))
	}
	infos := make([]KeyInfo, len(added))
	for i, k := range added {
		infos[i] = k.info(key{}, now)
	}
	return infos, nil
}

// withoutExpired returns the keys without the signing keys that can verify nothing any more.
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

// replaceFile puts a file with the keys in the place of another, with the same owner, group and mode: the user who rotates is
// not always the user who serves.
func replaceFile(path string, keys []key) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	temporary, err := writeTemporary(filepath.Dir(path), keys, info)
	if err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		_ = os.Remove(temporary)
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// takeAfter gives f the owner, the group and the mode of another file. A group that may not read it does not matter.
func takeAfter(f *os.File, model fs.FileInfo) error {
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

// lockFolder waits until nobody else holds the folder's lock. The lock ends with the process, so none is ever left over.
func lockFolder(folder string) (unlock func(), err error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}
