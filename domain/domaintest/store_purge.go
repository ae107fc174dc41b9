package domaintest

import (
	"context"

	"example.com/postern/domain"
)

// Purge deletes one kind of rows per call: the first kind that has any.
func (r users) Purge(ctx context.Context, limit int) (n int, err error) {
	err = r.write(ctx, func(t *tables) error {
		for _, purge := range []func() int{
			func() int {
				return removeKeys(t.votes, limit, func(v vote) bool { return t.deleted(v.voter) || t.isGone(v.post) })
			},
			func() int { return removeSome(t.deletedPosts, limit, all) },
			func() int {
				return removeSome(t.sessions, limit, func(s domain.Session) bool { return t.deleted(s.UserID) })
			},
			func() int {
				return removeKeys(t.idempotency, limit, func(id idempotencyID) bool { return t.deleted(id.user) })
			},
			func() int { return removeSome(t.deletedUsers, limit, all) },
		} {
			if n = purge(); n > 0 {
				return nil
			}
		}
		return nil
	})
	return n, err
}

func (t *tables) deleted(id domain.UserID) bool {
	_, deleted := t.deletedUsers[id]
	return deleted
}

// isGone reports whether a post was deleted but not yet purged.
func (t *tables) isGone(id domain.PostID) bool {
	_, deleted := t.deletedPosts[id]
	return deleted
}

func all(struct{}) bool { return true }

// removeSome deletes at most limit matching rows, and returns their number.
func removeSome[K comparable, V any](rows map[K]V, limit int, goes func(V) bool) int {
	return removeKeys(rows, limit, func(key K) bool { return goes(rows[key]) })
}

// removeKeys is like removeSome, with a condition on the key.
func removeKeys[K comparable, V any](rows map[K]V, limit int, goes func(K) bool) (n int) {
	for key := range rows {
		if n >= limit {
			break
		}
		if goes(key) {
			delete(rows, key)
			n++
		}
	}
	return n
}
