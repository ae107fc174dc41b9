package token

import (
	"context"
	"log/slog"
	"time"
)

const (
	pollInterval = 5 * time.Second // how often the key file is read
	missInterval = time.Second     // the minimum time between two readings that unknown keys cause
)

// watchedFile is the key file of a ring.
type watchedFile struct {
	path string
	log  *slog.Logger

	reading  chan struct{} // a lock for the fields below, held while the file is read
	seen     string        // identifies the outcome of the last reading
	lastMiss time.Time     // when an unknown key last caused a reading
}

// OpenFile returns a ring with the keys of a JWK Set (RFC 7517) in a file. Each key has exactly these members: use ("sig",
// "refresh" or "cursor"; each use needs a key in force), alg, kid (unique), nbf (whole seconds since 1970), and
//
//   - with alg "HS256": kty ("oct") and k (at least 32 bytes, accepted by [CheckSecret]);
//   - with alg "EdDSA" or "Ed25519": kty ("OKP"), crv ("Ed25519"), x and d;
//   - with alg "ES256": kty ("EC"), crv ("P-256"), x, y and d.
//
// Keys of use "sig" may have any of these algorithms, other keys have HS256. The public members x and y must match d. OpenFile
// refuses a file that [ReadPrivate] refuses. The error is that of the file system or says what is wrong with the file, and
// never contains key material.
func OpenFile(path string, now func() time.Time, log *slog.Logger) (*Ring, error) {
	keys, seen, err := loadKeys(path, now(), isOwnGroup)
	if err != nil {
		return nil, err
	}
	r := &Ring{now: now, file: &watchedFile{path: path, log: log, seen: seen, reading: make(chan struct{}, 1)}}
	r.keys.Store(newKeySet(keys...))
	return r, nil
}

// ListFile describes every key of a key file, as [Ring.Keys] does. Root may list a file of any group.
func ListFile(path string, now time.Time) ([]KeyInfo, error) {
	keys, _, err := loadKeys(path, now, anyGroupForRoot)
	if err != nil {
		return nil, err
	}
	return newKeySet(keys...).infos(now), nil
}

// Watch reads the key file every 5 seconds until ctx ends. If the keys changed, it logs the security event "keys_rotated" with
// the number of keys and the kid of the key that signs. If the file cannot be used, it keeps the keys and logs the reason
// once. For a ring without a file, Watch returns at once.
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

// reloadForUnknownKey reads the key file unless an unknown key caused a reading less than a second ago. A call during a
// reading waits for its outcome, so that concurrent requests with a new key are all accepted.
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
	// A clock that was set back must not prevent readings.
	now := r.now()
	if since := now.Sub(r.file.lastMiss); since >= 0 && since < missInterval {
		return
	}
	r.file.lastMiss = now
	r.reload()
}

// reload reads the file and replaces the keys if they changed. The caller holds r.file.reading.
func (r *Ring) reload() {
	keys, seen, err := loadKeys(r.file.path, r.now(), isOwnGroup)
	if seen == r.file.seen {
		return
	}
	r.file.seen = seen
	if err != nil {
		r.file.log.Error("key file cannot be used; keeping the present keys", slog.Any("error", err))
		return
	}
	fresh := newKeySet(keys...)
	if former := r.keys.Swap(fresh); fresh.equal(former) {
		r.file.log.Info("key file can be used again; its keys are unchanged")
		return
	}
	r.file.log.Info("security event", slog.String("event", "keys_rotated"), slog.Int("keys", len(keys)),
		slog.String("signing_key", r.current(useSignature).id))
}
