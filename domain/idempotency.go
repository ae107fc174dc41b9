package domain

import (
	"cmp"
	"context"
	"errors"
	"time"
)

// MaxIdempotencyKey is the maximum length of an idempotency key, in characters.
const MaxIdempotencyKey = 255

// Idempotency identifies a request that takes effect only once, even if it is repeated
// (draft-ietf-httpapi-idempotency-key-header).
type Idempotency struct {
	Key         string // 1 to MaxIdempotencyKey visible ASCII characters, chosen by the client; it belongs to one user
	Fingerprint string // a hash of the request, at most 64 ASCII characters; equal for repeated requests
}

// CreatedPost is the result of [PostService.Create].
type CreatedPost struct {
	Post
	Replayed bool // it was created by an earlier request with the same key
}

// IdempotencyRecord records that a request with a key created a post. The rest of the answer is in the repeated request. Times
// are the store's (see [Store.Now]).
type IdempotencyRecord struct {
	UserID      UserID
	Key         string
	Fingerprint string
	PostID      PostID
	CreatedAt   time.Time // of the post
	OwnerName   *string   // the owner's name when the post was created
	ExpiresAt   time.Time
}

// IdempotencyRepository stores idempotency records.
type IdempotencyRepository interface {
	// Insert adds a record, and replaces one that expired at or before now. It returns [ErrIdempotencyKeyTaken] if there is a
	// live record. If another transaction is adding one, Insert waits for it, for at most wait and no longer than the store
	// allows, and then returns [ErrIdempotencyInProgress].
	Insert(ctx context.Context, r IdempotencyRecord, now time.Time, wait time.Duration) error

	// Replay returns a record that expires after now, or [ErrNoIdempotencyRecord]. It also makes a durable write,
	// so that no failover loses a record whose answer was repeated.
	Replay(ctx context.Context, user UserID, key string, now time.Time) (IdempotencyRecord, error)

	// DeleteExpired deletes at most limit records that expired at or before now, and returns how many.
	DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error)
}

// IdempotencyLife is how long an idempotency key is remembered.
const IdempotencyLife = 24 * time.Hour

// IdempotencyWait is how long a request waits for another one with the same key, in this process and in the store together.
const IdempotencyWait = 2 * time.Second

// maxCreations bounds the retries of a request whose record is deleted meanwhile.
const maxCreations = 3

// createOnce creates the post unless another request with the key has done so. The record in the store decides. Requests of
// this instance wait for each other here, which avoids conflicts in the store.
func (s *Posts) createOnce(ctx context.Context, author UserID, in PostInput, key Idempotency) (CreatedPost, error) {
	start := s.clock.Elapsed()
	done, err := s.enterCreation(ctx, idempotencyID{author, key.Key})
	if err != nil {
		return CreatedPost{}, err
	}
	defer done()
	for range maxCreations {
		now, err := s.store.Now(ctx)
		if err != nil {
			return CreatedPost{}, err
		}
		record, err := s.store.Idempotency().Replay(ctx, author, key.Key, now)
		if err == nil {
			return record.replay(in, key)
		}
		if !errors.Is(err, ErrNoIdempotencyRecord) {
			return CreatedPost{}, err
		}
		post, err := s.createWithRecord(ctx, author, in, key, now, start+IdempotencyWait)
		if !errors.Is(err, ErrIdempotencyKeyTaken) {
			return CreatedPost{Post: post}, err
		}
	}
	return CreatedPost{}, ErrIdempotencyInProgress
}

// createWithRecord inserts the post and the record, both or neither. It waits for another request until the clock's elapsed
// time is deadline.
func (s *Posts) createWithRecord(
	ctx context.Context, author UserID, in PostInput, key Idempotency, now time.Time, deadline time.Duration,
) (post Post, err error) {
	err = s.store.InTx(ctx, func(tx Repositories) (err error) {
		if post, err = s.insert(ctx, tx, author, in); err != nil {
			return err
		}
		return tx.Idempotency().Insert(ctx, IdempotencyRecord{
			UserID: author, Key: key.Key, Fingerprint: key.Fingerprint, PostID: post.ID, CreatedAt: post.CreatedAt,
			OwnerName: post.OwnerName, ExpiresAt: now.Add(IdempotencyLife),
		}, now, deadline-s.clock.Elapsed())
	})
	return post, err
}

// replay returns the post as it was created, from the record and the repeated request.
func (r IdempotencyRecord) replay(in PostInput, key Idempotency) (CreatedPost, error) {
	if r.Fingerprint != key.Fingerprint {
		return CreatedPost{}, ErrIdempotencyKeyReused
	}
	return CreatedPost{Post: in.created(r.UserID, r.CreatedAt).Inserted(r.PostID, r.OwnerName), Replayed: true}, nil
}

type idempotencyID struct {
	user UserID
	key  string
}

// enterCreation returns at once for the first request with a key, and for others when the first is done. It returns
// [ErrIdempotencyInProgress] if that takes longer than [IdempotencyWait]. The caller must call done, unless it fails.
func (s *Posts) enterCreation(ctx context.Context, id idempotencyID) (done func(), err error) {
	mine := make(chan struct{})
	first, busy := s.creating.LoadOrStore(id, mine)
	if !busy {
		return func() {
			s.creating.Delete(id)
			close(mine)
		}, nil
	}
	bounded, cancel := context.WithTimeout(ctx, IdempotencyWait)
	defer cancel()
	select {
	case <-first.(chan struct{}):
		return func() {}, nil
	case <-bounded.Done():
		return nil, cmp.Or(ctx.Err(), error(ErrIdempotencyInProgress))
	}
}
