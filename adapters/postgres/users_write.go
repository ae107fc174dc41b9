package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// Insert answers that an address is taken only after a write; see LockEmailKey.
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

// purgeSteps remove in this order what deleted accounts and posts left behind. The votes of deleted accounts go first,
// because readers see them in counts. A post goes after its votes, and an account last.
var purgeSteps = []func(*pgdb.Queries, context.Context, int32) (int64, error){
	(*pgdb.Queries).PurgeVotes, (*pgdb.Queries).PurgePostVotes, (*pgdb.Queries).PurgePosts,
	(*pgdb.Queries).MarkPostsOfDeletedUsers, (*pgdb.Queries).PurgeIdempotencyKeys, (*pgdb.Queries).PurgeUsers,
}

// Purge stops at the first step that removes something, so that each call is one short write. A failed step does not
// keep the later ones from running.
func (r users) Purge(ctx context.Context, limit int) (int, error) {
	var failures error
	for _, step := range purgeSteps {
		n, err := sweep(ctx, r.access, step, pageSize(limit))
		failures = errors.Join(failures, err)
		if n > 0 || ctx.Err() != nil {
			return n, failures
		}
	}
	return 0, failures
}
