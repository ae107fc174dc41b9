// Code generated from adapters/postgres/outbox.go by make generate. DO NOT EDIT.

package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	db "example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

// outbox implements [domain.OutboxRepository].
type outbox struct{ access }

// mailChannel is the channel of mails. The table could also hold items that are delivered in another way.
const mailChannel = "mail"

// mailPayload has the fields that only items of the channel mail have.
type mailPayload struct {
	Kind    domain.MailKind `json:"kind"`
	UserID  domain.UserID   `json:"user_id,omitempty"`
	Email   domain.Email    `json:"email"`
	TokenID string          `json:"token_id,omitempty"`
}

func (r outbox) Add(ctx context.Context, item domain.OutboxItem) error {
	payload, err := json.Marshal(mailPayload{item.Kind, item.UserID, item.Email, item.TokenID})
	if err != nil {
		return err
	}
	return r.write(ctx, func(ctx context.Context, q *db.Queries) error {
		return q.AddToOutbox(ctx, db.AddToOutboxParams{
			ID: item.ID, Channel: mailChannel, Payload: string(payload), CreatedAt: item.CreatedAt, DueAt: item.CreatedAt, Attempts: int64(item.Attempts),
		})
	})
}

// Claim sorts the rows itself, because the order in which an UPDATE returns them is undefined.
func (r outbox) Claim(ctx context.Context, now, until time.Time, limit int) ([]domain.OutboxItem, error) {
	rows, err := change(ctx, r.access, (*db.Queries).ClaimOutboxItems,
		db.ClaimOutboxItemsParams{ClaimedUntil: &until, Channel: mailChannel, Now: now, BatchSize: pageSize(limit)})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b db.ClaimOutboxItemsRow) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID))
	})
	items := make([]domain.OutboxItem, len(rows))
	for i, row := range rows {
		var p mailPayload
		if err := json.Unmarshal([]byte(row.Payload), &p); err != nil {
			return nil, err
		}
		items[i] = domain.OutboxItem{
			ID: row.ID, Kind: p.Kind, UserID: p.UserID, Email: p.Email, TokenID: p.TokenID, CreatedAt: row.CreatedAt, Attempts: int(row.Attempts),
		}
	}
	return items, nil
}

func (r outbox) Delete(ctx context.Context, id string) error {
	return r.write(ctx, func(ctx context.Context, q *db.Queries) error { return q.DeleteFromOutbox(ctx, id) })
}

func (r outbox) Retry(ctx context.Context, id string, until, due time.Time) error {
	return r.write(ctx, func(ctx context.Context, q *db.Queries) error {
		return q.RetryOutboxItem(ctx, db.RetryOutboxItemParams{DueAt: due, ID: id, ClaimedUntil: &until})
	})
}

func (r outbox) Bury(ctx context.Context, id string, at time.Time) error {
	return r.write(ctx, func(ctx context.Context, q *db.Queries) error {
		return q.BuryOutboxItem(ctx, db.BuryOutboxItemParams{BuriedAt: &at, ID: id})
	})
}

func (r outbox) DeleteBuried(ctx context.Context, until time.Time, limit int) (int, error) {
	return sweep(ctx, r.access, (*db.Queries).DeleteBuriedOutboxItems,
		db.DeleteBuriedOutboxItemsParams{Channel: mailChannel, Until: &until, BatchSize: pageSize(limit)})
}

func (r outbox) Count(ctx context.Context, limit int) (count domain.OutboxCount, err error) {
	err = r.read(ctx, func(ctx context.Context, q *db.Queries) error {
		waiting, err := q.CountWaiting(ctx, db.CountWaitingParams{Channel: mailChannel, MaxCount: pageSize(limit)})
		if err != nil {
			return err
		}
		buried, err := q.CountBuried(ctx, db.CountBuriedParams{Channel: mailChannel, MaxCount: pageSize(limit)})
		if err != nil {
			return err
		}
		oldest, err := q.OldestWaiting(ctx, mailChannel)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		count = domain.OutboxCount{Waiting: int(waiting), Buried: int(buried), Oldest: oldest}
		return err
	})
	return count, err
}
