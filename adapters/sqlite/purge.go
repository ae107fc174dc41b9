package sqlite

import (
	"context"
	"errors"

	"example.com/postern/adapters/sqlite/internal/litedb"
)

// Purge is a turn of the writer for each of these until one finds something. Votes that deleted accounts have cast go first, because
// readers see them in counts. A post goes after its votes, and an account last. The steps after one that fails are made all the same.
func (r users) Purge(ctx context.Context, limit int) (int, error) {
	var changes []wordsChange
	posts := func(q *litedb.Queries, ctx context.Context, limit int64) (n int64, err error) {
		changes, err = purgePosts(ctx, q, limit)
		return int64(len(changes)), err
	}
	var failures error
	for _, step := range []func(*litedb.Queries, context.Context, int64) (int64, error){
		purgeVotes, (*litedb.Queries).PurgePostVotes, posts, (*litedb.Queries).MarkPostsOfDeletedUsers,
		(*litedb.Queries).PurgeIdempotencyKeys, (*litedb.Queries).PurgeUsers,
	} {
		n := int64(0)
		err := r.writeIndexed(ctx, func(ctx context.Context, q *litedb.Queries) (_ []wordsChange, err error) {
			changes = nil
			n, err = step(q, ctx, pageSize(limit))
			return changes, err
		})
		failures = errors.Join(failures, err)
		if n > 0 || ctx.Err() != nil {
			return int(n), failures
		}
	}
	return 0, failures
}

// purgeVotes lowers the count of each post that loses a vote.
func purgeVotes(q *litedb.Queries, ctx context.Context, limit int64) (int64, error) {
	posts, err := q.PurgeVotes(ctx, limit)
	if err != nil {
		return 0, err
	}
	for _, post := range posts {
		if err := q.AddToVotes(ctx, litedb.AddToVotesParams{Change: -1, ID: post}); err != nil {
			return 0, err
		}
	}
	return int64(len(posts)), nil
}

// purgePosts removes the words of each post too, which no foreign key leads to.
func purgePosts(ctx context.Context, q *litedb.Queries, limit int64) ([]wordsChange, error) {
	posts, err := q.PurgePosts(ctx, limit)
	changes := make([]wordsChange, len(posts))
	for i, post := range posts {
		changes[i].post = post
	}
	return changes, err
}
