package sqlite

import (
	"context"
	"errors"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

func (r users) Insert(ctx context.Context, u domain.NewUser) (domain.User, error) {
	id, err := change(ctx, r.access, (*litedb.Queries).InsertUser,
		litedb.InsertUserParams{Email: u.Email, EmailKey: u.Email.Key(), PasswordHash: u.PasswordHash, CreatedAt: u.CreatedAt})
	if err != nil {
		return domain.User{}, orNotFound(err, domain.ErrEmailTaken)
	}
	return domain.User{ID: id, Email: u.Email, CreatedAt: u.CreatedAt}, nil
}

// Purge stops at the first step that removes something, so that each call is one short turn of the writer. A failed
// step does not keep the later ones from running. The votes of deleted accounts go first, because readers see them in
// counts. A post goes after its votes, and an account last.
func (r users) Purge(ctx context.Context, limit int) (int, error) {
	type query = func(*litedb.Queries, context.Context, int64) (int64, error)
	sweepBy := func(q query) func() (int, error) {
		return func() (int, error) { return sweep(ctx, r.access, q, pageSize(limit)) }
	}
	var failures error
	for _, step := range []func() (int, error){
		sweepBy(purgeVotes),
		sweepBy((*litedb.Queries).PurgePostVotes),
		func() (int, error) { return purgePosts(ctx, r.access, pageSize(limit)) },
		sweepBy((*litedb.Queries).MarkPostsOfDeletedUsers),
		sweepBy((*litedb.Queries).PurgeIdempotencyKeys),
		sweepBy((*litedb.Queries).PurgeUsers),
	} {
		n, err := step()
		failures = errors.Join(failures, err)
		if n > 0 || ctx.Err() != nil {
			return n, failures
		}
	}
	return 0, failures
}

// purgeVotes also lowers the count of each post that loses a vote.
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

// purgePosts also removes the words of each post, to which no foreign key leads.
func purgePosts(ctx context.Context, a access, limit int64) (n int, err error) {
	err = a.writeIndexed(ctx, func(ctx context.Context, q *litedb.Queries) ([]wordsChange, error) {
		posts, err := q.PurgePosts(ctx, limit)
		changes := make([]wordsChange, len(posts))
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
