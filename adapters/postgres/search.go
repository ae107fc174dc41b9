package postgres

import (
	"context"
	"slices"
	"strings"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// How a search goes depends on how many posts have its words (see search.sql). What more than 2,000 have fills a page within a walk,
// unless they are next to none of a very large number, or far away. Looking into 8 MiB of words takes some 50 ms.
//
// For the beginning of a word the index would have to collect all words that begin so: it is looked for among a few posts first.
const fewFound = 2_000

var (
	firstWalk = walkLimit{posts: 100, octets: 256 << 10}
	longWalk  = walkLimit{posts: 2_000, octets: 8 << 20}
)

type walkLimit struct {
	posts  int32
	octets int64
}

// search returns the posts of a range that hold what is searched for.
func searchPosts(ctx context.Context, q *pgdb.Queries, within domain.PostRange) ([]pgdb.ShownPost, error) {
	if hasPrefix(within.Search) {
		found, err := walk(ctx, q, within, firstWalk)
		if err != nil || len(found) >= within.Limit {
			return found, err
		}
	}
	words, phrases := tsQuery(within.Search)
	n, err := within.Hits.Count(func() (int64, error) {
		return q.CountFound(ctx, pgdb.CountFoundParams{Words: words, PageSize: fewFound + 1})
	})
	if err != nil || n == 0 {
		return nil, err
	}
	if n > fewFound {
		found, err := walk(ctx, q, within, longWalk)
		if err != nil || len(found) >= within.Limit {
			return found, err
		}
		if all, err := walksAll(ctx, q, within); all || err != nil {
			return found, err
		}
	}
	of := pgdb.FoundOlderParams{
		Author: int64(within.Author), AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
		Words: words, Texts: phrases,
	}
	if within.Newer {
		return q.FoundNewer(ctx, pgdb.FoundNewerParams(of))
	}
	return q.FoundOlder(ctx, of)
}

func hasPrefix(s search.Query) bool {
	return slices.ContainsFunc(s, func(term search.Term) bool { return term.Prefix })
}

// walk returns the first hits of a range, among its first posts.
func walk(ctx context.Context, q *pgdb.Queries, within domain.PostRange, limit walkLimit) ([]pgdb.ShownPost, error) {
	if within.Author != 0 {
		of := pgdb.WalkAuthoredOlderParams{
			Author: int64(within.Author), AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
			BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
			Walk: limit.posts, Octets: limit.octets, Texts: texts(within.Search),
		}
		if within.Newer {
			return q.WalkAuthoredNewer(ctx, pgdb.WalkAuthoredNewerParams(of))
		}
		return q.WalkAuthoredOlder(ctx, of)
	}
	of := pgdb.WalkOlderParams{
		AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
		Walk: limit.posts, Octets: limit.octets, Texts: texts(within.Search),
	}
	if within.Newer {
		return q.WalkNewer(ctx, pgdb.WalkNewerParams(of))
	}
	return q.WalkOlder(ctx, of)
}

// walksAll reports whether a long walk comes to the end of a range. Of what it has time for, the half counts, because posts may have gone, or
// become shorter, since there was one.
func walksAll(ctx context.Context, q *pgdb.Queries, within domain.PostRange) (bool, error) {
	of := pgdb.MeasureAuthoredParams{
		Author: int64(within.Author), AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), Walk: longWalk.posts,
	}
	if within.Author != 0 {
		measured, err := q.MeasureAuthored(ctx, of)
		return measured.Posts < int64(longWalk.posts)/2 && measured.Octets < longWalk.octets/2, err
	}
	measured, err := q.MeasurePublished(ctx, pgdb.MeasurePublishedParams{
		AfterTime: of.AfterTime, AfterID: of.AfterID, BeforeTime: of.BeforeTime, BeforeID: of.BeforeID, Walk: of.Walk,
	})
	return measured.Posts < int64(longWalk.posts)/2 && measured.Octets < longWalk.octets/2, err
}

// texts returns what must occur in [search.Text]: each term as it stands there.
func texts(s search.Query) []string {
	all := make([]string, len(s))
	for i, term := range s {
		all[i] = term.Text()
	}
	return all
}

// tsQuery returns the words of a search as the type tsquery reads them (PostgreSQL 15, 8.11.2), and what it cannot say: which of
// them stand together. Words hold letters, digits and marks only, so nothing in quotes has a meaning there.
func tsQuery(s search.Query) (words string, phrases []string) {
	var all []string
	phrases = []string{}
	for _, term := range s {
		for i, word := range term.Words {
			word = "'" + word + "'"
			if term.Prefix && i == len(term.Words)-1 {
				word += ":*"
			}
			all = append(all, word)
		}
		if len(term.Words) > 1 {
			phrases = append(phrases, term.Text())
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " & "), phrases
}
