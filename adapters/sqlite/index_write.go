package sqlite

import (
	"context"
	"errors"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// maxIndexedAtOnce is the longest text, in bytes, that is indexed while other writes wait. Every ASCII text is shorter.
// The worst text of this length, in which each character is another word, takes a few tenths of a second (see
// BenchmarkIndexWorst).
const maxIndexedAtOnce = 128 << 10

// indexPlan says how a write changes the index for its post.
type indexPlan struct {
	words     string // the new words, unless one of the following is true
	kept      bool   // the words in the index stay
	postponed bool   // Index will write the words
}

// planIndex decides for a new text.
func planIndex(title, content string) indexPlan {
	if len(title)+len(content) > maxIndexedAtOnce {
		return indexPlan{postponed: true}
	}
	return indexPlan{words: search.Text(title, content)}
}

// planUpdate decides before the writer starts the update. The decision remains valid: the text of a version never changes,
// and its words stay in the index while it is the latest version.
func (r posts) planUpdate(ctx context.Context, p domain.Post) (indexPlan, error) {
	kept, err := fetch(ctx, r.access, (*litedb.Queries).IsIndexed,
		litedb.IsIndexedParams{ID: p.ID, Version: p.Version, Title: p.Title, Content: p.Content})
	if err != nil || kept {
		return indexPlan{kept: kept}, err
	}
	return planIndex(p.Title, p.Content), nil
}

// indexedVersion returns the column indexed_version for a version of the post: the version whose words are in the index,
// or 0.
func (p indexPlan) indexedVersion(version domain.Version) int64 {
	if p.postponed {
		return 0
	}
	return int64(version)
}

// changes returns the changes of the index. If the plan is postponed, they remove the words of the earlier text.
func (p indexPlan) changes(post domain.PostID) []indexChange {
	if p.kept {
		return nil
	}
	return []indexChange{{post, p.words}}
}

// indexChange replaces the words of a post in the index. Empty words remove the post from it.
type indexChange struct {
	post  domain.PostID
	words string
}

func changeIndex(ctx context.Context, q *litedb.Queries, changes []indexChange) error {
	for _, c := range changes {
		var err error
		if c.words == "" {
			err = q.DeleteWords(ctx, c.post)
		} else {
			err = q.PutWords(ctx, litedb.PutWordsParams{ID: c.post, Words: c.words})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// isDown reports whether indexing a post failed because of the store, not because of the post.
func isDown(err error) bool {
	return errors.Is(err, domain.ErrStoreUnavailable) && !errors.Is(err, errTxTimeout)
}

// indexOne indexes one version of a post. It reports false if the post has a newer version, or another process has
// indexed it.
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

// putWords splits a text into words and then, in one write, replaces the words of the post if check reports true. It then
// pauses for as long as the write took, so that indexing leaves half of the writer's time to other writes.
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
	_ = sleep(ctx, took)
	return err
}
