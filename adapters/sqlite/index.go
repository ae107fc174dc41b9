// Code generated from adapters/postgres/index.go by make generate. DO NOT EDIT.

package sqlite

import (
	"context"
	"errors"
	"time"

	db "example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// Index indexes the posts of the backlog first. When there are none, it goes on to those whose words were split by
// older rules. A post that fails is skipped, so that it cannot keep the others out of the index.
func (r posts) Index(ctx context.Context, limit int) (done int, err error) {
	var failures []error
	for before := newestPosition; done < limit; {
		rows, err := r.unindexed(ctx, before, limit-done)
		if err == nil && len(rows) == 0 {
			var n int
			n, err = r.reindex(ctx, limit-done)
			done += n
		}
		if err != nil || len(rows) == 0 {
			return done, errors.Join(append(failures, err)...)
		}
		for _, row := range rows {
			before = backlogPosition(row)
			indexed, err := r.indexOne(ctx, row)
			if err != nil {
				failures = append(failures, err)
			}
			if indexed {
				done++
			}
			if ctx.Err() != nil || isDown(err) {
				return done, errors.Join(append(failures, ctx.Err())...)
			}
		}
	}
	return done, errors.Join(failures...)
}

// newestPosition is before every post, in the order of the backlog.
var newestPosition = domain.PostPosition{PublishedAt: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), ID: domain.MaxID}

// backlogPosition returns the position of a post in the backlog. A post that was never published has the year 1 (see
// UnindexedPosts).
func backlogPosition(row db.UnindexedPostsRow) domain.PostPosition {
	position := domain.PostPosition{ID: row.ID}
	if row.PublishedAt != nil {
		position.PublishedAt = *row.PublishedAt
	}
	return position
}

func (r posts) unindexed(ctx context.Context, before domain.PostPosition, limit int) ([]db.UnindexedPostsRow, error) {
	return fetch(ctx, r.access, (*db.Queries).UnindexedPosts, db.UnindexedPostsParams{
		BeforeTime: before.PublishedAt, BeforeID: int64(before.ID), BatchSize: pageSize(limit),
	})
}

// reindex splits the texts again whose words were split by older rules, and returns how many it looked at.
func (r posts) reindex(ctx context.Context, limit int) (done int, err error) {
	state, err := r.searchIndex(ctx)
	if err != nil || state.Tokenizer > search.TokenizerVersion || state.BeforeID <= 1 {
		return 0, err
	}
	rows, err := fetch(ctx, r.access, (*db.Queries).IndexedPosts,
		db.IndexedPostsParams{BeforeID: domain.PostID(state.BeforeID), BatchSize: pageSize(limit)})
	if err != nil {
		return 0, err
	}
	reached := int64(1)
	var failures []error
	for _, row := range rows {
		err := r.reindexOne(ctx, row)
		if err != nil {
			failures = append(failures, err)
		}
		if ctx.Err() != nil || isDown(err) {
			return done, errors.Join(failures...)
		}
		reached = int64(row.ID)
		done++
	}
	_, err = change(ctx, r.access, (*db.Queries).SetReindexed,
		db.SetReindexedParams{BeforeID: reached, Tokenizer: search.TokenizerVersion})
	return done, errors.Join(append(failures, err)...)
}

// searchIndex returns the state of the index. If older rules made the index, it first marks all posts to be split again.
func (r posts) searchIndex(ctx context.Context) (state db.SearchIndexRow, err error) {
	read := func(ctx context.Context, q *db.Queries) (err error) {
		state, err = q.SearchIndex(ctx)
		return err
	}
	if err = r.read(ctx, read); err != nil || state.Tokenizer >= search.TokenizerVersion {
		return state, err
	}
	if _, err = change(ctx, r.access, (*db.Queries).BeginReindex, search.TokenizerVersion); err != nil {
		return state, err
	}
	return state, r.read(ctx, read)
}
