package sqlite

import (
	"context"
	"errors"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// maxTextAtOnce is the longest text, in octets, that is indexed while other writes wait. Every text in ASCII is
// shorter. The worst such text, where each character is another word, takes a few tenths of a second (see
// BenchmarkIndexWorst).
const maxTextAtOnce = 128 << 10

// wordsOf says what a write does with the words of a post: it writes them, keeps those that are in the index, or leaves
// the post to Index.
type wordsOf struct {
	words      string
	kept, left bool
}

// wordsChange replaces the words of a post in the index. Empty words remove it from the index.
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

// changedWords decides before the writer's turn. Its decision stays right: the text of a version never changes, and its
// words are not removed from the index while it is the latest one.
func (r posts) changedWords(ctx context.Context, p domain.Post) (wordsOf, error) {
	kept, err := fetch(ctx, r.access, (*litedb.Queries).IsIndexed,
		litedb.IsIndexedParams{ID: p.ID, Version: p.Version, Title: p.Title, Content: p.Content})
	if err != nil || kept {
		return wordsOf{kept: kept}, err
	}
	return newWords(p.Title, p.Content), nil
}

// indexed returns the post's indexed_version: the version whose words are in the index, or 0.
func (w wordsOf) indexed(version domain.Version) int64 {
	if w.left {
		return 0
	}
	return int64(version)
}

// changes returns the changes of the index. Words of an earlier text are removed even if the new ones are left to Index.
func (w wordsOf) changes(post domain.PostID) []wordsChange {
	if w.kept {
		return nil
	}
	return []wordsChange{{post, w.words}}
}

// isDown reports whether indexing a post failed because of the store, not because of the post.
func isDown(err error) bool {
	return errors.Is(err, domain.ErrStoreUnavailable) && !errors.Is(err, errHeldLong)
}

// indexOne indexes one version of a post, and reports whether it did. A newer version, or another process, may have
// come first.
func (r posts) indexOne(ctx context.Context, row litedb.UnindexedPostsRow) (indexed bool, err error) {
	err = r.putWords(ctx, row.ID, row.Title, row.Content, func(ctx context.Context, q *litedb.Queries) (bool, error) {
		n, err := q.SetIndexed(ctx, litedb.SetIndexedParams{ID: row.ID, Version: row.Version})
		indexed = n == 1
		return indexed, err
	})
	return indexed && err == nil, err
}

func (r posts) reindexOne(ctx context.Context, row litedb.IndexedPostsRow) error {
	return r.putWords(ctx, row.ID, row.Title, row.Content, func(ctx context.Context, q *litedb.Queries) (bool, error) {
		return q.IsIndexed(ctx, litedb.IsIndexedParams(row))
	})
}

// putWords replaces the words of a post in one turn of the writer, if check still says so. It splits the text before
// its turn. After it, it waits for as long as the turn took, so that indexing leaves other writes half of the time.
func (r posts) putWords(
	ctx context.Context, id domain.PostID, title, content string, check func(context.Context, *litedb.Queries) (bool, error),
) error {
	words := search.Text(title, content)
	var took time.Duration
	err := r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		start := time.Now()
		defer func() { took = time.Since(start) }()
		if ok, err := check(ctx, q); err != nil || !ok {
			return err
		}
		return q.PutWords(ctx, litedb.PutWordsParams{ID: id, Words: words})
	})
	pause(ctx, took)
	return err
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
