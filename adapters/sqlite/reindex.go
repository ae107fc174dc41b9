package sqlite

import (
	"context"
	"errors"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// reindex splits texts again that were split by older rules, and returns how many it looked at. A post that fails is passed over.
func (r posts) reindex(ctx context.Context, limit int) (done int, err error) {
	var rows []litedb.IndexedPostsRow
	var state litedb.SearchIndexRow
	err = r.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		state, err = q.SearchIndex(ctx)
		return err
	})
	if err == nil && state.Tokenizer < search.TokenizerVersion {
		err = r.write(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
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
	err = r.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		rows, err = q.IndexedPosts(ctx, litedb.IndexedPostsParams{BeforeID: domain.PostID(state.BeforeID), BatchSize: pageSize(limit)})
		return err
	})
	if err != nil {
		return 0, err
	}
	reached := int64(1)
	var passed []error
	for _, row := range rows {
		if err := r.reindexOne(ctx, row); ctx.Err() != nil || isDown(err) {
			return done, errors.Join(append(passed, err)...)
		} else if err != nil {
			passed = append(passed, err)
		}
		reached = int64(row.ID)
		done++
	}
	err = r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		return q.SetReindexed(ctx, litedb.SetReindexedParams{BeforeID: reached, Tokenizer: search.TokenizerVersion})
	})
	return done, errors.Join(append(passed, err)...)
}

// reindexOne has a turn of the writer's, and then lets others have as long a time.
func (r posts) reindexOne(ctx context.Context, row litedb.IndexedPostsRow) error {
	words := search.Text(row.Title, row.Content)
	var took time.Duration
	err := r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		start := time.Now()
		defer func() { took = time.Since(start) }()
		same, err := q.IsIndexed(ctx, litedb.IsIndexedParams(row))
		if err != nil || !same {
			return err
		}
		return q.PutWords(ctx, litedb.PutWordsParams{ID: row.ID, Words: words})
	})
	pause(ctx, took)
	return err
}
