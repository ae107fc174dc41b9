package token

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// CreateFile creates a key file of mode 0600 with a random key for each use, in force from now on. The signing key has the
// given algorithm, the other keys have HS256. The file is created atomically and flushed to the disk. The folder must exist.
// CreateFile never overwrites a file: if path exists, the error matches [io/fs.ErrExist]. An unknown algorithm is an error.
func CreateFile(path string, now time.Time, a Algorithm) error {
	if !slices.Contains(algorithms, a) {
		return fmt.Errorf("create the key file: %w", errUnknownAlgorithm)
	}
	// Unlike a rename, a link never replaces an existing file.
	if err := writeKeyFile(path, newKeys(uses, a, now), nil, os.Link); err != nil {
		return fmt.Errorf("create the key file: %w", withoutPath(err))
	}
	return nil
}

var errUnknownAlgorithm = fmt.Errorf("the algorithm is not one of %q", algorithms)

// newKeys returns a random key for each wanted use, in force from the given time on. The algorithm applies to signing keys
// only.
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

// writeKeyFile writes a key file under a temporary name, flushes it to the disk, and gives it its path by place. The file gets
// the owner, group and mode of model. If model is nil, only its owner can read it.
func writeKeyFile(path string, keys []key, model fs.FileInfo, place func(temporary, path string) error) error {
	var set jwkSet
	for _, k := range keys {
		set.Keys = append(set.Keys, k.jwk())
	}
	data, err := json.Marshal(set, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return fmt.Errorf("encode the keys: %w", err)
	}
	folder := filepath.Dir(path)
	f, err := os.CreateTemp(folder, ".keys-*.tmp")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // after a rename, it does nothing
	defer func() { _ = f.Close() }()
	if model != nil {
		if err := copyOwnership(f, model); err != nil {
			return err
		}
	}
	if _, err := f.Write(append(data, '\n')); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := place(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

// syncFolder flushes a folder's entries to the disk.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
