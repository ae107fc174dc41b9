package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// Insert locks the row of a taken address before it returns [domain.ErrEmailTaken]. See LockEmailKey.
func (r users) Insert(ctx context.Context, u domain.NewUser) (domain.User, error) {
	row := pgdb.InsertUserParams{Email: u.Email, EmailKey: u.Email.Key(), PasswordHash: u.PasswordHash, CreatedAt: u.CreatedAt}
	id, err := change(ctx, r.access, (*pgdb.Queries).InsertUser, row)
	if errors.Is(err, pgx.ErrNoRows) {
		if _, err = change(ctx, r.access, (*pgdb.Queries).LockEmailKey, row.EmailKey); err == nil {
			err = domain.ErrEmailTaken
		}
	}
	if err != nil {
		return domain.User{}, err
	}
	return domain.User{ID: id, Email: u.Email, CreatedAt: u.CreatedAt}, nil
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
