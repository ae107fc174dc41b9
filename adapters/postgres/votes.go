package postgres

import (
	"context"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// votes implements [domain.VoteRepository]. Each method is one READ COMMITTED statement, which returns how many posts
// the voter may vote for: 1 or 0.
type votes struct{ *Store }

func (r votes) Add(ctx context.Context, id domain.PostID, voter domain.UserID) error {
	n, err := change(ctx, r.Store, (*pgdb.Queries).AddVote, pgdb.AddVoteParams{PostID: id, UserID: voter})
	return requireRow(n, err, domain.ErrPostNotFound)
}

func (r votes) Remove(ctx context.Context, id domain.PostID, voter domain.UserID) error {
	n, err := change(ctx, r.Store, (*pgdb.Queries).RemoveVote, pgdb.RemoveVoteParams{PostID: id, UserID: voter})
	return requireRow(n, err, domain.ErrPostNotFound)
}
