package sqlite

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

// How many posts a search finds decides how it is done (figures: see BenchmarkSearch). Few are sorted. Of many, a list is read
// until there are enough of them. Of very many, a list is full soon, so that it is cheaper to ask for each post of it; unless a
// word is but a beginning that is no entry of the index (see the migration of post_search), and would be put together as often.
const (
	fewFound     = 2_000
	manyFound    = 50_000
	shortestStem = 2 // characters of the beginnings that are entries
	longestStem  = 3
)

// found returns the posts of a range that a search finds.
func found(ctx context.Context, q *litedb.Queries, within domain.PostRange) ([]litedb.ShownPost, error) {
	of := litedb.FoundOlderParams{
		Query: matchQuery(within.Search), Author: int64(within.Author), AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
	}
	n, err := q.CountFound(ctx, litedb.CountFoundParams{Query: of.Query, PageSize: manyFound + 1})
	switch {
	case err != nil:
		return nil, err
	case n > fewFound && within.Author != 0:
		return foundByAuthor(ctx, q, of, within.Newer, n > manyFound && isCheap(within.Search))
	case n > fewFound:
		return foundInList(ctx, q, of, within.Newer, n > manyFound && isCheap(within.Search))
	case within.Newer:
		return q.FoundNewer(ctx, litedb.FoundNewerParams(of))
	}
	return q.FoundOlder(ctx, of)
}

// isCheap tells whether a search can be made for each of many posts.
func isCheap(s domain.Search) bool {
	return !slices.ContainsFunc(s, func(term domain.SearchTerm) bool {
		stem := utf8.RuneCountInString(term.Words[len(term.Words)-1])
		return term.Prefix && (stem < shortestStem || stem > longestStem)
	})
}

func foundInList(ctx context.Context, q *litedb.Queries, of litedb.FoundOlderParams, newer, probe bool) ([]litedb.ShownPost, error) {
	in := litedb.ListedOlderParams{
		AfterTime: of.AfterTime, AfterID: of.AfterID, BeforeTime: of.BeforeTime, BeforeID: of.BeforeID, Query: of.Query,
		PageSize: of.PageSize,
	}
	switch {
	case probe && newer:
		return q.ProbedNewer(ctx, litedb.ProbedNewerParams(in))
	case probe:
		return q.ProbedOlder(ctx, litedb.ProbedOlderParams(in))
	case newer:
		return q.ListedNewer(ctx, litedb.ListedNewerParams(in))
	}
	return q.ListedOlder(ctx, in)
}

func foundByAuthor(ctx context.Context, q *litedb.Queries, of litedb.FoundOlderParams, newer, probe bool) ([]litedb.ShownPost, error) {
	in := litedb.ListedAuthoredOlderParams{
		Author: domain.UserID(of.Author), AfterTime: of.AfterTime, AfterID: of.AfterID, BeforeTime: of.BeforeTime,
		BeforeID: of.BeforeID, Query: of.Query, PageSize: of.PageSize,
	}
	switch {
	case probe && newer:
		return q.ProbedAuthoredNewer(ctx, litedb.ProbedAuthoredNewerParams(in))
	case probe:
		return q.ProbedAuthoredOlder(ctx, litedb.ProbedAuthoredOlderParams(in))
	case newer:
		return q.ListedAuthoredNewer(ctx, litedb.ListedAuthoredNewerParams(in))
	}
	return q.ListedAuthoredOlder(ctx, in)
}

// matchQuery writes a search as FTS5 reads it (https://www.sqlite.org/fts5.html, section 3). Words hold letters and digits only,
// so nothing in quotes has a meaning there.
func matchQuery(s domain.Search) string {
	terms := make([]string, len(s))
	for i, term := range s {
		terms[i] = `"` + strings.Join(term.Words, " ") + `"`
		if term.Prefix {
			terms[i] += " *"
		}
	}
	return strings.Join(terms, " AND ")
}
