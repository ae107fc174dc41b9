package domaintest

import (
	"context"
	"errors"
	"strings"
	"time"

	"example.com/postern/domain/throttle"
)

// throttles is not part of transactions. A channel passes the map from one call to the next, so that a context can end the wait.
type throttles struct {
	kept chan map[string]throttle.Counter
}

func newThrottles() throttles {
	t := throttles{make(chan map[string]throttle.Counter, 1)}
	t.kept <- map[string]throttle.Counter{}
	return t
}

func (r throttles) with(ctx context.Context, fn func(map[string]throttle.Counter) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case kept := <-r.kept:
		defer func() { r.kept <- kept }() // even if fn panics
		return fn(kept)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r throttles) Change(ctx context.Context, ids []string, fn func(t []throttle.Counter)) error {
	return r.with(ctx, func(kept map[string]throttle.Counter) error {
		changed := make([]throttle.Counter, len(ids))
		once := map[string]bool{}
		for i, id := range ids {
			changed[i] = kept[id]
			changed[i].ID = id
			once[id] = true
		}
		if len(ids) > 8 || len(once) < len(ids) {
			return errors.New("domaintest: more than 8 throttles, or a duplicate")
		}
		fn(changed)
		for i, id := range ids {
			changed[i].ID = id
			kept[id] = changed[i]
		}
		return nil
	})
}

func (r throttles) DeletePrefix(ctx context.Context, prefix string, limit int) (n int, err error) {
	err = r.with(ctx, func(kept map[string]throttle.Counter) error {
		n = removeSome(kept, limit, func(t throttle.Counter) bool { return strings.HasPrefix(t.ID, prefix) })
		return nil
	})
	return n, err
}

func (r throttles) DeleteExpired(ctx context.Context, now time.Time, limit int) (n int, err error) {
	err = r.with(ctx, func(kept map[string]throttle.Counter) error {
		n = removeSome(kept, limit, func(t throttle.Counter) bool { return !t.ExpiresAt.After(now) })
		return nil
	})
	return n, err
}
