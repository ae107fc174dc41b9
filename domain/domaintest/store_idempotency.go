package domaintest

import (
	"context"
	"time"

	"example.com/postern/domain"
)

type idempotency struct{ access }

type idempotencyID struct {
	user domain.UserID
	key  string
}

func (r idempotency) Insert(ctx context.Context, record domain.IdempotencyRecord, now time.Time, _ time.Duration) error {
	return r.write(ctx, func(t *tables) error {
		id := idempotencyID{record.UserID, record.Key}
		if kept, found := t.idempotency[id]; found && kept.ExpiresAt.After(now) {
			return domain.ErrIdempotencyKeyTaken
		}
		record.OwnerName = clone(record.OwnerName)
		t.idempotency[id] = record
		return nil
	})
}

func (r idempotency) Replay(
	ctx context.Context, user domain.UserID, key string, now time.Time,
) (record domain.IdempotencyRecord, err error) {
	err = r.write(ctx, func(t *tables) error {
		kept, found := t.idempotency[idempotencyID{user, key}]
		if !found || !kept.ExpiresAt.After(now) {
			return domain.ErrNoIdempotencyRecord
		}
		record = kept
		record.OwnerName = clone(kept.OwnerName)
		return nil
	})
	return record, err
}

func (r idempotency) DeleteExpired(ctx context.Context, now time.Time, limit int) (n int, err error) {
	err = r.write(ctx, func(t *tables) error {
		n = removeSome(t.idempotency, limit, func(record domain.IdempotencyRecord) bool { return !record.ExpiresAt.After(now) })
		return nil
	})
	return n, err
}
