package postgres

import (
	"context"

	"example.com/postern/adapters/postgres/internal/pgdb"
)

// Purge is one statement a call: the first of these that finds something. Votes that deleted accounts have cast go first, because
// readers see them in counts. A post goes after its votes, and an account last. An account that was given a vote meanwhile stays
// for the next call.
func (r users) Purge(ctx context.Context, limit int) (int, error) {
	n, err := sweep(ctx, r, func(ctx context.Context, q *pgdb.Queries) (int64, error) {
		for _, purge := range []func(context.Context, int32) (int64, error){
			q.PurgeVotes, q.PurgePostVotes, q.PurgePosts, q.MarkPostsOfDeletedUsers, q.PurgeIdempotencyKeys, q.PurgeUsers,
		} {
			if n, err := purge(ctx, pageSize(limit)); n > 0 || err != nil {
				return n, err
			}
		}
		return 0, nil
	})
	if violates(err, "votes_user_id_fkey") {
		return n, nil
	}
	return n, err
}
