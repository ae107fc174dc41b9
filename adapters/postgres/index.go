package postgres

import (
	"context"
	"errors"

	db "example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// Index first indexes the posts that are not in the index. When there are none left, it continues with the posts that an
// older tokenizer split into words. It skips a post that fails, so that the others are indexed.
func (r posts) Index(ctx context.Context, limit int) (done int, err error) {
	var failures []error
	for before := domain.NewestPosition; done < limit; {
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

// SearchBacklog returns how many posts wait for Index, but at most limit. Posts that only a newer tokenizer will split again
// do not count, because searches find them.
func (s *Store) SearchBacklog(ctx context.Context, limit int) (int, error) {
	n, err := fetch(ctx, s, (*db.Queries).CountUnindexedPosts, pageSize(limit))
	return int(n), err
}

// backlogPosition returns the position of a post in the order of UnindexedPosts. A post that was never published has the
// zero time.
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

// reindex splits the texts again that an older tokenizer split. It returns how many posts it processed.
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
	beforeID := int64(1)
	var failures []error
	for _, row := range rows {
		err := r.reindexOne(ctx, row)
		if err != nil {
			failures = append(failures, err)
		}
		if ctx.Err() != nil || isDown(err) {
			return done, errors.Join(failures...)
		}
		beforeID = int64(row.ID)
		done++
	}
	_, err = change(ctx, r.access, (*db.Queries).SetReindexed,
		db.SetReindexedParams{BeforeID: beforeID, Tokenizer: search.TokenizerVersion})
	return done, errors.Join(append(failures, err)...)
}

// searchIndex returns the state of the index. If an older tokenizer built the index, it first marks all posts to be split
// again.
func (r posts) searchIndex(ctx context.Context) (db.SearchIndexRow, error) {
	state, err := get(ctx, r.access, (*db.Queries).SearchIndex)
	if err != nil || state.Tokenizer >= search.TokenizerVersion {
		return state, err
	}
	if _, err := change(ctx, r.access, (*db.Queries).BeginReindex, search.TokenizerVersion); err != nil {
		return state, err
	}
	return get(ctx, r.access, (*db.Queries).SearchIndex)
}
