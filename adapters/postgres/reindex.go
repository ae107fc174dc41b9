package postgres

import (
	"context"
	"errors"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// reindex splits texts again that were split by older rules, and returns how many it looked at. A post that fails is passed over.
func (r posts) reindex(ctx context.Context, limit int) (done int, err error) {
	var rows []pgdb.IndexedPostsRow
	var state pgdb.SearchIndexRow
	err = r.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		state, err = q.SearchIndex(ctx)
		return err
	})
	if err == nil && state.Tokenizer < search.TokenizerVersion {
		err = r.write(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
			if err := q.BeginReindex(ctx, search.TokenizerVersion); err != nil {
				return err
			}
			state, err = q.SearchIndex(ctx)
			return err
		})
	}
	if err != nil || state.Tokenizer > search.TokenizerVersion || state.BeforeID <= 1 {
		return 0, err
	}
	err = r.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		rows, err = q.IndexedPosts(ctx, pgdb.IndexedPostsParams{BeforeID: domain.PostID(state.BeforeID), BatchSize: pageSize(limit)})
		return err
	})
	if err != nil {
		return 0, err
	}
	reached := int64(1)
	var passed []error
	for _, row := range rows {
		if err := r.reindexOne(ctx, row); ctx.Err() != nil || errors.Is(err, domain.ErrStoreUnavailable) {
			return done, errors.Join(append(passed, err)...)
		} else if err != nil {
			passed = append(passed, err)
		}
		reached = int64(row.ID)
		done++
	}
	err = r.write(ctx, func(ctx context.Context, q *pgdb.Queries) error {
		return q.SetReindexed(ctx, pgdb.SetReindexedParams{BeforeID: reached, Tokenizer: search.TokenizerVersion})
	})
	return done, errors.Join(append(passed, err)...)
}

func (r posts) reindexOne(ctx context.Context, row pgdb.IndexedPostsRow) error {
	post := pgdb.ReindexPostParams{ID: row.ID, Version: row.Version, Words: search.Text(row.Title, row.Content)}
	return r.write(ctx, func(ctx context.Context, q *pgdb.Queries) error { return q.ReindexPost(ctx, post) })
}
