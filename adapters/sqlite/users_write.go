package sqlite

import (
	"context"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

func (users) emailTaken(context.Context, string) error { return domain.ErrEmailTaken }

// purgeSteps delete, in this order, the rows of deleted accounts and posts. The votes of deleted accounts come first,
// because they are still counted. A post follows its votes, and an account comes last.
var purgeSteps = []purgeStep{
	purgeBy(purgeVotes),
	purgeBy((*litedb.Queries).PurgePostVotes),
	purgePosts,
	purgeBy((*litedb.Queries).MarkPostsOfDeletedUsers),
	purgeBy((*litedb.Queries).PurgeIdempotencyKeys),
	purgeBy((*litedb.Queries).PurgeUsers),
}

// purgeVotes also subtracts each vote from the count of its post.
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

// purgePosts also removes each post from the index, which has no foreign keys.
func purgePosts(ctx context.Context, a access, limit int) (n int, err error) {
	err = a.writeIndexed(ctx, func(ctx context.Context, q *litedb.Queries) ([]indexChange, error) {
		posts, err := q.PurgePosts(ctx, pageSize(limit))
		changes := make([]indexChange, len(posts))
		for i, post := range posts {
			changes[i].post = post
		}
		n = len(posts)
		return changes, err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
