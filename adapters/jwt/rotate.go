package jwt

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"example.com/postern/domain"
)

// rotationDelay is how long a new key is known before it signs: many times the interval at which instances read the file.
const rotationDelay = 60 * time.Second

// RotateFile adds a signing key to a key file and returns it. It signs from 60 seconds after now on, when every instance
// has read it. Signing keys whose last tokens have expired, because their successor has signed for longer than
// [domain.MaxTokenLife] and clock skew, are dropped; all other keys stay. The file is replaced in one step, keeping its
// owner, and flushed to the disk; two rotations at once both happen, one after the other. A file that [OpenFile] would
// refuse is refused and left alone, and so is one that holds 64 keys.
func RotateFile(path string, now time.Time) (KeyInfo, error) {
	// A link to the file stays a link to it.
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return KeyInfo{}, fmt.Errorf("find the key file: %w", err)
	}
	unlock, err := lockFolder(filepath.Dir(path))
	if err != nil {
		return KeyInfo{}, fmt.Errorf("lock the folder of the key file: %w", err)
	}
	defer unlock()
	file := watchedFile{path: path}
	keys, _, err := file.load(now)
	if err != nil {
		return KeyInfo{}, err
	}
	added := randomKey(useSignature, now.Add(rotationDelay).Unix())
	keys = append(withoutExpired(keys, now), added)
	if len(keys) > maxKeys {
		return KeyInfo{}, fmt.Errorf("key file %s: holds %d keys already; old ones are dropped by a rotation about an "+
			"hour after the next one signs", path, maxKeys)
	}
	if err := replaceFile(path, keys); err != nil {
		return KeyInfo{}, fmt.Errorf("replace the key file: %w", err)
	}
	return added.info(key{}, now), nil
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

// replaceFile puts a file with the keys in the place of another, with the same owner: whoever rotates is not always who
// serves.
func replaceFile(path string, keys []key) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	temporary, err := writeTemporary(filepath.Dir(path), keys)
	if err != nil {
		return err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		err = os.Chown(temporary, int(owner.Uid), -1)
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		_ = os.Remove(temporary)
		return err
	}
	return syncFolder(filepath.Dir(path))
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
