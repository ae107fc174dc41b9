package postgres

import (
	"context"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// emailTaken locks the account that has the address and then returns [domain.ErrEmailTaken]. See LockEmailKey.
func (r users) emailTaken(ctx context.Context, key string) error {
	if _, err := change(ctx, r.access, (*pgdb.Queries).LockEmailKey, key); err != nil {
		return err
	}
	return domain.ErrEmailTaken
}

// purgeSteps delete, in this order, the rows of deleted accounts and posts. The votes of deleted accounts come first,
// because they are still counted. A post follows its votes, and an account comes last.
var purgeSteps = []purgeStep{
	purgeBy((*pgdb.Queries).PurgeVotes),
	purgeBy((*pgdb.Queries).PurgePostVotes),
	purgeBy((*pgdb.Queries).PurgePosts),
	purgeBy((*pgdb.Queries).MarkPostsOfDeletedUsers),
	purgeBy((*pgdb.Queries).PurgeIdempotencyKeys),
	purgeBy((*pgdb.Queries).PurgeUsers),
}
