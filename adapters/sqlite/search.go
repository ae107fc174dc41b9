package sqlite

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// fewFound is how many matches are sorted without a look at the list. A stretch of the list is bounded in posts, and in bytes of text,
// which are split into words again.
const (
	fewFound     = 2_000
	shortStretch = 100
	longStretch  = 2_000
	stretchBytes = 2 << 20
)

// searchPosts returns the posts of a range that match. Few matches are taken from the index and sorted. Many are looked for in a stretch
// of the list first, and only if they do not fill the page, all matches are sorted.
func searchPosts(ctx context.Context, q *litedb.Queries, within domain.PostRange) ([]domain.Post, error) {
	query, exact := matchQuery(within.Search)
	stretch := shortStretch // the index collects all words with a beginning before it can count
	if !hasPrefix(within.Search) {
		n, err := q.CountFound(ctx, litedb.CountFoundParams{Query: query, PageSize: fewFound + 1})
		if err != nil || n == 0 {
			return nil, err
		}
		stretch = longStretch
		if n <= fewFound {
			stretch = 0
		}
	}
	if page, done, err := readStretch(ctx, q, within, stretch); done || err != nil {
		return page, err
	}
	return found(ctx, q, within, query, exact)
}

func hasPrefix(s search.Query) bool {
	return slices.ContainsFunc(s, func(term search.Term) bool { return term.Prefix })
}

// readStretch returns which of the first posts of a range match, and reports whether the page is full or the range has no more.
func readStretch(ctx context.Context, q *litedb.Queries, within domain.PostRange, stretch int) (page []domain.Post, done bool, err error) {
	step := within
	step.Limit = domain.DefaultPageLimit
	for posts, size := 0, 0; posts < stretch; posts += step.Limit {
		rows, err := listed(ctx, q, step)
		if err != nil {
			return nil, false, err
		}
		for _, row := range rows {
			if size += len(row.Title) + len(row.Content); size > stretchBytes {
				return page, false, nil
			}
			if within.Search.Matches(search.Text(row.Title, row.Content)) {
				page = append(page, row)
			}
			if len(page) >= within.Limit {
				return page, true, nil
			}
		}
		if len(rows) < step.Limit {
			return page, true, nil
		}
		step = behind(step, rows[len(rows)-1])
	}
	return page, false, nil
}

// behind returns what of a range lies behind a post, in the direction of reading.
func behind(within domain.PostRange, last domain.Post) domain.PostRange {
	at := domain.PostPosition{PublishedAt: *last.PublishedAt, ID: last.ID}
	if within.Newer {
		within.After = at
	} else {
		within.Before = at
	}
	return within
}

// found asks the index. What it finds inexactly is compared with the text.
func found(ctx context.Context, q *litedb.Queries, within domain.PostRange, query string, exact bool) (page []domain.Post, err error) {
	for step := within; ; {
		rows, err := foundByWords(ctx, q, step, query)
		if err != nil || exact {
			return rows, err
		}
		for _, row := range rows {
			if within.Search.Matches(search.Text(row.Title, row.Content)) {
				page = append(page, row)
			}
		}
		if len(page) >= within.Limit || len(rows) < step.Limit {
			return page[:min(len(page), within.Limit)], nil
		}
		step = behind(step, rows[len(rows)-1])
	}
}

// foundByWords sorts the posts itself: SQLite would sort them with their contents, in a temporary file if they are long.
func foundByWords(ctx context.Context, q *litedb.Queries, within domain.PostRange, query string) (rows []domain.Post, err error) {
	params := litedb.FoundOlderParams{
		Viewer: int64(within.Viewer.UserID), Query: query, Author: int64(within.Author),
		AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
	}
	if within.Newer {
		rows, err = pageOf(q.FoundNewer(ctx, litedb.FoundNewerParams(params)))
	} else {
		rows, err = pageOf(q.FoundOlder(ctx, params))
	}
	slices.SortFunc(rows, func(a, b domain.Post) int {
		order := cmp.Or(a.PublishedAt.Compare(*b.PublishedAt), cmp.Compare(a.ID, b.ID))
		if !within.Newer {
			order = -order
		}
		return order
	})
	return rows, err
}

// The index compares the places of all words of a phrase in every post that has them. These bound how many words of one phrase,
// and of all of them, it gets to see.
const (
	maxPhrase  = 8
	maxPhrases = 32
)

// matchQuery writes a search as FTS5 reads it (https://www.sqlite.org/fts5.html, section 3). Words hold letters, digits and marks
// only, so nothing in quotes has a meaning there. If it is not exact, it finds more than the search does.
func matchQuery(s search.Query) (query string, exact bool) {
	var terms []string
	exact = true
	for phrases, i := 0, 0; i < len(s); i++ {
		term := s[i]
		if len(term.Words) > 1 {
			if most := min(maxPhrase, maxPhrases-phrases); len(term.Words) > most {
				term, exact = search.Term{Words: term.Words[:most]}, false
			}
			phrases += len(term.Words)
		}
		if len(term.Words) > 0 {
			terms = append(terms, matchTerm(term))
		}
	}
	if !exact {
		for _, word := range s.Words() {
			terms = append(terms, matchTerm(word))
		}
	}
	slices.Sort(terms)
	return strings.Join(slices.Compact(terms), " AND "), exact
}

func matchTerm(term search.Term) string {
	text := `"` + strings.Join(term.Words, " ") + `"`
	if term.Prefix {
		text += " *"
	}
	return text
}
