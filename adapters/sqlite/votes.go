package sqlite

import (
	"context"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

// votes implements [domain.VoteRepository]. Each method is one write.
type votes struct{ *Store }

func (r votes) Add(ctx context.Context, id domain.PostID, voter domain.UserID) error {
	return r.change(ctx, id, voter, 1, func(q *litedb.Queries, ctx context.Context) (int64, error) {
		return q.InsertVote(ctx, litedb.InsertVoteParams{PostID: id, UserID: voter})
	})
}

func (r votes) Remove(ctx context.Context, id domain.PostID, voter domain.UserID) error {
	return r.change(ctx, id, voter, -1, func(q *litedb.Queries, ctx context.Context) (int64, error) {
		return q.DeleteVote(ctx, litedb.DeleteVoteParams{PostID: id, UserID: voter})
	})
}

// change runs a query if the voter may vote for the post. If the query changes a row, it adds by to the post's count.
func (r votes) change(
	ctx context.Context, id domain.PostID, voter domain.UserID, by int64, query func(*litedb.Queries, context.Context) (int64, error),
) error {
	return r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		can, err := q.CanVote(ctx, litedb.CanVoteParams{UserID: voter, PostID: id})
		if err == nil && !can {
			return domain.ErrPostNotFound
		}
		if err != nil {
			return err
		}
		if n, err := query(q, ctx); err != nil || n == 0 {
			return err
		}
		return q.AddToVotes(ctx, litedb.AddToVotesParams{Change: by, ID: id})
	})
}
