package token

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"time"
)

const (
	pollInterval = 5 * time.Second // how long a change of the key file may go unseen
	missInterval = time.Second     // how often unknown keys may make us read it
)

// watchedFile is where a ring's keys come from.
type watchedFile struct {
	path    string
	mayRead func(fs.FileInfo) bool // whether the file's group may read it
	log     *slog.Logger

	reading  chan struct{} // full while somebody reads the file; guards what follows
	seen     string        // what the last reading found
	lastMiss time.Time     // when an unknown key last made us read
}

// OpenFile returns a ring with the keys of a JWK Set (RFC 7517) in a file. Each key has exactly these members: use ("sig",
// "refresh" or "cursor", each there at least once and in force), alg, kid (unique), nbf (whole seconds since 1970), and
//
//   - with alg "HS256": kty ("oct") and k (at least 32 bytes, good in the sense of [CheckSecret]);
//   - with alg "EdDSA" or "Ed25519": kty ("OKP"), crv ("Ed25519"), x and d;
//   - with alg "ES256": kty ("EC"), crv ("P-256"), x, y and d.
//
// Use "sig" may have any of them, the others have HS256; x and y must be those that go with d. A file that [ReadPrivate]
// refuses is refused. The error is that of the file system, or names the file and what is wrong with it, and never holds key
// material.
func OpenFile(path string, now func() time.Time, log *slog.Logger) (*Ring, error) {
	file := &watchedFile{path: path, mayRead: isOwnGroup, log: log, reading: make(chan struct{}, 1)}
	keys, seen, err := file.load(now())
	if err != nil {
		return nil, err
	}
	file.seen = seen
	r := &Ring{now: now, file: file}
	r.keys.Store(newKeySet(keys...))
	return r, nil
}

// ListFile returns what may be told of every key of a key file, as [Ring.Keys] does. Root may list a file of any group.
func ListFile(path string, now time.Time) ([]KeyInfo, error) {
	file := watchedFile{path: path, mayRead: anyGroupForRoot}
	keys, _, err := file.load(now)
	if err != nil {
		return nil, err
	}
	return newKeySet(keys...).infos(now), nil
}

// Watch re-reads the key file every 5 seconds until ctx ends. New keys are a security event: one log line with event
// "keys_rotated", how many keys there are, and the kid of the one that signs. When the file cannot be used, the keys stay as
// they are, and one log line says why. On a ring without a file, Watch returns at once.
func (r *Ring) Watch(ctx context.Context) {
	if r.file == nil {
		return
	}
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			r.file.reading <- struct{}{}
			r.reload()
			<-r.file.reading
		}
	}
}

// reloadForUnknownKey reads the key file, unless that was done for the same reason less than a second ago. Whoever comes
// while it is being read waits for the outcome, so that of two requests with a new key none is refused.
func (r *Ring) reloadForUnknownKey(ctx context.Context) {
	if r.file == nil {
		return
	}
	select {
	case r.file.reading <- struct{}{}:
		defer func() { <-r.file.reading }()
	case <-ctx.Done():
		return
	}
	// A clock that was set back must not stop the readings.
	now := r.now()
	if since := now.Sub(r.file.lastMiss); since >= 0 && since < missInterval {
		return
	}
	r.file.lastMiss = now
	r.reload()
}

// reload takes over what the file holds now, if that is new. The caller holds r.file.reading.
func (r *Ring) reload() {
	keys, seen, err := r.file.load(r.now())
	if seen == r.file.seen {
		return
	}
	r.file.seen = seen
	if err != nil {
		r.file.log.Error("key file cannot be used, the keys stay as they were", slog.Any("error", err))
		return
	}
	fresh := newKeySet(keys...)
	if former := r.keys.Swap(fresh); fresh.equal(former) {
		r.file.log.Info("key file can be used, its keys are the same")
		return
	}
	r.file.log.Info("security event", slog.String("event", "keys_rotated"), slog.Int("keys", len(keys)),
		slog.String("signing_key", r.current(useSignature).id))
}

// load reads the file. Two readings with the same outcome have the same seen.
func (f *watchedFile) load(now time.Time) (keys []key, seen string, err error) {
	data, err := readKeyFile(f.path, f.mayRead)
	if err == nil {
		if keys, err = parseKeySet(data, now); err != nil {
			err = fmt.Errorf("key file: %w", err)
		}
	}
	return keys, fmt.Sprintf("%x %v", sha256.Sum256(data), err), err
}
