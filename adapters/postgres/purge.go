package postgres

import (
	"context"
	"errors"

	"example.com/postern/adapters/postgres/internal/pgdb"
)

// Purge is one statement a call: the first of these that finds something. Votes that deleted accounts have cast go first, because
// readers see them in counts. A post goes after its votes, and an account last. The steps after one that fails are made all the same.
func (r users) Purge(ctx context.Context, limit int) (int, error) {
	var failures error
	for _, step := range []func(*pgdb.Queries, context.Context, int32) (int64, error){
		(*pgdb.Queries).PurgeVotes, (*pgdb.Queries).PurgePostVotes, (*pgdb.Queries).PurgePosts,
		(*pgdb.Queries).MarkPostsOfDeletedUsers, (*pgdb.Queries).PurgeIdempotencyKeys, (*pgdb.Queries).PurgeUsers,
	} {
		remove := func(ctx context.Context, q *pgdb.Queries) (int64, error) { return step(q, ctx, pageSize(limit)) }
		n, err := sweep(ctx, r, remove)
		if violates(err, "votes_user_id_fkey") {
			// An account was given a vote while PurgeUsers waited for it, and all were kept. The next look sees that vote.
			n, err = sweep(ctx, r, remove)
		}
		failures = errors.Join(failures, err)
		if n > 0 || ctx.Err() != nil {
			return n, failures
		}
	}
	return 0, failures
}
