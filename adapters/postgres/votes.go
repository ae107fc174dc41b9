package postgres

import (
	"context"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// votes implements [domain.VoteRepository], beside the transactions of [Store.InTx].
type votes struct{ *Store }

func (r votes) Add(ctx context.Context, id domain.PostID, voter domain.UserID) error {
	return r.change(ctx, func(ctx context.Context, q *pgdb.Queries) (int64, error) {
		return q.AddVote(ctx, pgdb.AddVoteParams{PostID: id, UserID: voter})
	})
}

func (r votes) Remove(ctx context.Context, id domain.PostID, voter domain.UserID) error {
	return r.change(ctx, func(ctx context.Context, q *pgdb.Queries) (int64, error) {
		return q.RemoveVote(ctx, pgdb.RemoveVoteParams{PostID: id, UserID: voter})
	})
}

// change runs a statement that returns how many posts there are for the voter.
func (r votes) change(ctx context.Context, do func(context.Context, *pgdb.Queries) (int64, error)) error {
	err := r.refusable(ctx, func(ctx context.Context, q *pgdb.Queries) error {
		n, err := do(ctx, q)
		if err == nil && n == 0 {
			return domain.ErrPostNotFound
		}
		return err
	})
	if violates(err, "votes_user_id_fkey") || violates(err, "votes_post_id_fkey") { // a row went after the statement had seen it
		return domain.ErrPostNotFound
	}
	return err
}
