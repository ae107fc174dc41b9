package token

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// CreateFile makes a key file of mode 0600 with a fresh random key for each use, in force from now on: one of the given
// algorithm for access tokens, the others HS256. It is there whole or not at all, and flushed to the disk; the folder must
// exist. A file that is already there is left alone, and the error matches [io/fs.ErrExist]. An unknown algorithm is an
// error, too.
func CreateFile(path string, now time.Time, a Algorithm) error {
	if !slices.Contains(algorithms, a) {
		return fmt.Errorf("create the key file: %w", errUnknownAlgorithm)
	}
	keys := newKeys(uses, a, now)
	temporary, err := writeTemporary(filepath.Dir(path), keys, nil)
	if err != nil {
		return fmt.Errorf("create the key file: %w", pathless(err))
	}
	defer func() { _ = os.Remove(temporary) }()
	// Unlike a rename, a link never replaces what is there.
	if err := os.Link(temporary, path); err != nil {
		return fmt.Errorf("create the key file: %w", pathless(err))
	}
	return syncFolder(filepath.Dir(path))
}

var errUnknownAlgorithm = fmt.Errorf("the algorithm is not one of %q", algorithms)

// newKeys returns a random key for each use, in force from a time on. The algorithm is for access tokens only.
func newKeys(wanted []string, a Algorithm, from time.Time) (keys []key) {
	for _, use := range wanted {
		if use == useSignature {
			keys = append(keys, randomKey(use, a, from.Unix()))
		} else {
			keys = append(keys, randomKey(use, HS256, from.Unix()))
		}
	}
	return keys
}

// writeTemporary writes a key file under a new name, flushed to the disk, and returns the name. Its owner, group and mode are
// those of model; without one, only its owner can read it.
func writeTemporary(folder string, keys []key, model fs.FileInfo) (name string, err error) {
	var set jwkSet
	for _, k := range keys {
		set.Keys = append(set.Keys, k.jwk())
	}
	data, err := json.Marshal(set, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return "", fmt.Errorf("encode the keys: %w", err)
	}
	f, err := os.CreateTemp(folder, ".keys-*.tmp")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	defer func() { _ = f.Close() }()
	if model != nil {
		if err := takeAfter(f, model); err != nil {
			return "", err
		}
	}
	if _, err := f.Write(append(data, '\n')); err != nil {
		return "", err
	}
	if err := f.Sync(); err != nil {
		return "", err
	}
	return f.Name(), nil
}

// syncFolder flushes the names in a folder to the disk.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("flush the folder of the key file: %w", pathless(err))
	}
	defer func() { _ = f.Close() }()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("flush the folder of the key file: %w", pathless(err))
	}
	return nil
}
