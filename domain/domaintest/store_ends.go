package domaintest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"example.com/postern/domain"
)

func (r sessions) EndedAfter(ctx context.Context, after domain.SessionEnd, limit int) (page []domain.SessionEnd, err error) {
	err = r.read(ctx, func(t *tables) error {
		for id, at := range t.ends {
			if end := (domain.SessionEnd{SessionID: id, EndedAt: at}); compareEnds(end, after) > 0 {
				page = append(page, end)
			}
		}
		slices.SortFunc(page, compareEnds)
		page = page[:min(len(page), max(limit, 0))]
		return nil
	})
	return page, err
}

func compareEnds(a, b domain.SessionEnd) int {
	return cmp.Or(a.EndedAt.Compare(b.EndedAt), cmp.Compare(a.SessionID, b.SessionID))
}

func (r sessions) DeleteEnds(ctx context.Context, until time.Time, limit int) (n int, err error) {
	err = r.write(ctx, func(t *tables) error {
		n = removeSome(t.ends, limit, func(at time.Time) bool { return !at.After(until) })
		return nil
	})
	return n, err
}
