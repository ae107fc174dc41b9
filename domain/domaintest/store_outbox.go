package domaintest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"example.com/postern/domain"
)

type outbox struct{ access }

type outboxRow struct {
	domain.OutboxItem
	due     time.Time
	claimed time.Time
	buried  time.Time // zero if the item is not buried
}

func (r outbox) Add(ctx context.Context, item domain.OutboxItem) error {
	return r.write(ctx, func(t *tables) error {
		t.outbox[item.ID] = outboxRow{OutboxItem: item, due: item.CreatedAt}
		return nil
	})
}

func (r outbox) Claim(ctx context.Context, now, until time.Time, limit int) (items []domain.OutboxItem, err error) {
	err = r.write(ctx, func(t *tables) error {
		var due []outboxRow
		for _, row := range t.outbox {
			if row.buried.IsZero() && !row.due.After(now) && !row.claimed.After(now) {
				due = append(due, row)
			}
		}
		slices.SortFunc(due, func(a, b outboxRow) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.ID, b.ID)) })
		for _, row := range due[:min(len(due), max(limit, 0))] {
			row.claimed = until
			t.outbox[row.ID] = row
			items = append(items, row.OutboxItem)
		}
		return nil
	})
	return items, err
}

func (r outbox) Delete(ctx context.Context, id string) error {
	return r.write(ctx, func(t *tables) error {
		delete(t.outbox, id)
		return nil
	})
}

func (r outbox) Retry(ctx context.Context, id string, until, due time.Time) error {
	return r.write(ctx, func(t *tables) error {
		row, found := t.outbox[id]
		if found && row.claimed.Equal(until) && !until.IsZero() {
			row.Attempts++
			row.due, row.claimed = due, time.Time{}
			t.outbox[id] = row
		}
		return nil
	})
}

func (r outbox) Bury(ctx context.Context, id string, at time.Time) error {
	return r.write(ctx, func(t *tables) error {
		row, found := t.outbox[id]
		if found && row.buried.IsZero() {
			row.buried, row.claimed = at, time.Time{}
			t.outbox[id] = row
		}
		return nil
	})
}

func (r outbox) DeleteBuried(ctx context.Context, until time.Time, limit int) (n int, err error) {
	err = r.write(ctx, func(t *tables) error {
		n = removeSome(t.outbox, limit, func(row outboxRow) bool { return !row.buried.IsZero() && !row.buried.After(until) })
		return nil
	})
	return n, err
}

func (r outbox) Count(ctx context.Context, limit int) (count domain.OutboxCount, err error) {
	err = r.read(ctx, func(t *tables) error {
		for _, row := range t.outbox {
			if !row.buried.IsZero() {
				count.Buried++
				continue
			}
			count.Waiting++
			if count.Oldest.IsZero() || row.CreatedAt.Before(count.Oldest) {
				count.Oldest = row.CreatedAt
			}
		}
		count.Waiting, count.Buried = min(count.Waiting, limit), min(count.Buried, limit)
		return nil
	})
	return count, err
}
