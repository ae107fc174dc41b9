package domaintest

import (
	"context"

	"example.com/postern/domain"
)

type votes struct{ access }

type vote struct {
	post  domain.PostID
	voter domain.UserID
}

func (r votes) Add(ctx context.Context, id domain.PostID, voter domain.UserID) error {
	return r.change(ctx, vote{id, voter}, func(t *tables, v vote) { t.votes[v] = struct{}{} })
}

func (r votes) Remove(ctx context.Context, id domain.PostID, voter domain.UserID) error {
	return r.change(ctx, vote{id, voter}, func(t *tables, v vote) { delete(t.votes, v) })
}

func (r votes) change(ctx context.Context, v vote, do func(*tables, vote)) error {
	return r.write(ctx, func(t *tables) error {
		post, found := t.posts[v.post]
		if _, exists := t.users[v.voter]; !exists || !found || post.Hidden || !visible(post, v.voter) {
			return domain.ErrPostNotFound
		}
		do(t, v)
		return nil
	})
}
