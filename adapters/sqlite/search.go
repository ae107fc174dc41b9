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

// A search either sorts all matches of the index, or reads a stretch of the list and keeps the posts that match.
const (
	fewFound     = 2_000   // up to this number, all matches are sorted at once
	shortStretch = 100     // posts
	longStretch  = 2_000   // posts
	stretchBytes = 2 << 20 // of text, which is split into words again
)

// searchPosts returns the posts of a range that match. If there are many matches, it first reads a stretch of the list. It sorts
// all matches only if they are few, or if the stretch does not fill the page.
func searchPosts(ctx context.Context, q *litedb.Queries, within domain.PostRange) ([]domain.Post, error) {
	query, exact := matchQuery(within.Search)
	stretch := shortStretch // for a prefix, counting would be as slow as sorting
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

// readStretch returns the posts of the stretch that match. done reports that the page is full, or that the range has ended.
func readStretch(
	ctx context.Context, q *litedb.Queries, within domain.PostRange, stretch int,
) (page []domain.Post, done bool, err error) {
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
		step = after(step, rows[len(rows)-1])
	}
	return page, false, nil
}

// after returns the rest of a range after a post, in the direction of reading.
func after(within domain.PostRange, last domain.Post) domain.PostRange {
	position := domain.PostPosition{PublishedAt: *last.PublishedAt, ID: last.ID}
	if within.Newer {
		within.After = position
	} else {
		within.Before = position
	}
	return within
}

// found returns the posts that the index finds. If the query is not exact, it also compares each post with the search.
func found(
	ctx context.Context, q *litedb.Queries, within domain.PostRange, query string, exact bool,
) (page []domain.Post, err error) {
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
		step = after(step, rows[len(rows)-1])
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

// For each post that has the words of a phrase, the index compares the positions of all these words. So their number is
// bounded.
const (
	maxPhrase  = 8  // words of one phrase
	maxPhrases = 32 // words of all phrases
)

// matchQuery returns a search in the syntax of FTS5 (https://www.sqlite.org/fts5.html, section 3). Words contain only letters,
// digits and marks, so they need no escaping. If exact is false, the query finds more posts than the search.
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
