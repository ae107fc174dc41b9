package sqlite

import (
	"context"
	"errors"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// maxTextAtOnce is how many octets of a text are indexed while the writer's other callers wait: as many as the longest text in
// ASCII has. At worst, where each character is another word, that takes a few tenths of a second (see BenchmarkIndexWorst).
const maxTextAtOnce = 128 << 10

// wordsOf is what a write does about the words of a post's version: it writes them, keeps those that are there, or leaves them
// to Index.
type wordsOf struct {
	words      string
	kept, left bool
}

// wordsChange replaces the words of a post in the index. Without new words it removes the old ones.
type wordsChange struct {
	post  domain.PostID
	words string
}

func (c wordsChange) write(ctx context.Context, q *litedb.Queries) error {
	if c.words == "" {
		return q.DeleteWords(ctx, c.post)
	}
	return q.PutWords(ctx, litedb.PutWordsParams{ID: c.post, Words: c.words})
}

func writeWords(ctx context.Context, q *litedb.Queries, changes []wordsChange) error {
	for _, c := range changes {
		if err := c.write(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func newWords(title, content string) wordsOf {
	if len(title)+len(content) > maxTextAtOnce {
		return wordsOf{left: true}
	}
	return wordsOf{words: search.Text(title, content)}
}

// changedWords looks before the writer's turn: a version's text never changes, and once its words are in the index they stay there.
func (r posts) changedWords(ctx context.Context, p domain.Post) (w wordsOf, err error) {
	err = r.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		w.kept, err = q.IsIndexed(ctx, litedb.IsIndexedParams{ID: p.ID, Version: p.Version, Title: p.Title, Content: p.Content})
		return err
	})
	if err != nil || w.kept {
		return w, err
	}
	return newWords(p.Title, p.Content), nil
}

// indexed returns the version that post_search then holds the words of.
func (w wordsOf) indexed(version domain.Version) int64 {
	if w.left {
		return 0
	}
	return int64(version)
}

// changes returns what becomes of the post's words. Words that are left to Index replace those of an earlier text.
func (w wordsOf) changes(post domain.PostID) []wordsChange {
	if w.kept {
		return nil
	}
	return []wordsChange{{post, w.words}}
}

// Index finds the words outside the writer's turns, of which each post has one. Between them it waits for as long as the last
// one took, so that others have half of the time. A post that fails is passed over: it must not keep the others out of the index.
func (r posts) Index(ctx context.Context, limit int) (done int, err error) {
	var passed []error
	for before := newestPosition; done < limit; {
		rows, err := r.unindexed(ctx, before, limit-done)
		if err == nil && len(rows) == 0 {
			var again int
			again, err = r.reindex(ctx, limit-done)
			done += again
		}
		if err != nil || len(rows) == 0 {
			return done, errors.Join(append(passed, err)...)
		}
		for _, row := range rows {
			before = backlogPosition(row)
			ok, err := r.indexOne(ctx, row)
			if err != nil {
				passed = append(passed, err)
			} else if ok {
				done++
			}
			if ctx.Err() != nil || isDown(err) {
				return done, errors.Join(append(passed, ctx.Err())...)
			}
		}
	}
	return done, errors.Join(passed...)
}

// isDown tells whether the store, and not the post, is why a post was not indexed.
func isDown(err error) bool {
	return errors.Is(err, domain.ErrStoreUnavailable) && !errors.Is(err, errHeldLong)
}

// newestPosition is before every post, in the order in which they are indexed.
var newestPosition = domain.PostPosition{PublishedAt: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), ID: domain.MaxID}

// backlogPosition returns the place of a post in that order. One that was never published has the year 1 (see UnindexedPosts).
func backlogPosition(row litedb.UnindexedPostsRow) domain.PostPosition {
	position := domain.PostPosition{ID: row.ID}
	if row.PublishedAt != nil {
		position.PublishedAt = *row.PublishedAt
	}
	return position
}

func (r posts) unindexed(ctx context.Context, before domain.PostPosition, limit int) (rows []litedb.UnindexedPostsRow, err error) {
	err = r.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		rows, err = q.UnindexedPosts(ctx, litedb.UnindexedPostsParams{
			BeforeTime: before.PublishedAt, BeforeID: int64(before.ID), BatchSize: pageSize(limit),
		})
		return err
	})
	return rows, err
}

// indexOne tells whether the post still had the version that was read, and nobody else has indexed it.
func (r posts) indexOne(ctx context.Context, row litedb.UnindexedPostsRow) (ok bool, err error) {
	words := search.Text(row.Title, row.Content)
	var took time.Duration
	err = r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		start := time.Now()
		defer func() { took = time.Since(start) }()
		n, err := q.SetIndexed(ctx, litedb.SetIndexedParams{ID: row.ID, Version: row.Version})
		if ok = n == 1; !ok || err != nil {
			return err
		}
		return q.PutWords(ctx, litedb.PutWordsParams{ID: row.ID, Words: words})
	})
	pause(ctx, took)
	return ok, err
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
