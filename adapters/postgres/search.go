package postgres

import (
	"context"
	"slices"
	"strings"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// How a search goes depends on how many posts have its words (see search.sql). What more than 2,000 have fills a page within a walk,
// unless they are next to none of a very large number, or far away. Looking into 8 MiB of words takes some 50 ms.
const (
	fewFound     = 2_000
	searchWalk   = 2_000
	searchOctets = 8 << 20
)

// search returns the posts of a range that hold what is searched for.
func search(ctx context.Context, q *pgdb.Queries, within domain.PostRange) ([]pgdb.ShownPost, error) {
	words, phrases := tsQuery(within.Search)
	n, err := q.CountFound(ctx, pgdb.CountFoundParams{Words: words, PageSize: fewFound + 1})
	if err != nil || n == 0 {
		return nil, err
	}
	if n > fewFound {
		found, err := walk(ctx, q, within)
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

// walk returns the first hits of a range, among its first posts.
func walk(ctx context.Context, q *pgdb.Queries, within domain.PostRange) ([]pgdb.ShownPost, error) {
	if within.Author != 0 {
		of := pgdb.WalkAuthoredOlderParams{
			Author: int64(within.Author), AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
			BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
			Walk: searchWalk, Octets: searchOctets, Texts: texts(within.Search),
		}
		if within.Newer {
			return q.WalkAuthoredNewer(ctx, pgdb.WalkAuthoredNewerParams(of))
		}
		return q.WalkAuthoredOlder(ctx, of)
	}
	of := pgdb.WalkOlderParams{
		AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
		Walk: searchWalk, Octets: searchOctets, Texts: texts(within.Search),
	}
	if within.Newer {
		return q.WalkNewer(ctx, pgdb.WalkNewerParams(of))
	}
	return q.WalkOlder(ctx, of)
}

// walksAll tells whether a walk comes to the end of a range. Of what it has time for, the half counts, because posts may have gone, or
// become shorter, since there was one.
func walksAll(ctx context.Context, q *pgdb.Queries, within domain.PostRange) (bool, error) {
	of := pgdb.MeasureAuthoredParams{
		Author: int64(within.Author), AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), Walk: searchWalk,
	}
	if within.Author != 0 {
		measured, err := q.MeasureAuthored(ctx, of)
		return measured.Posts < searchWalk/2 && measured.Octets < searchOctets/2, err
	}
	measured, err := q.MeasurePublished(ctx, pgdb.MeasurePublishedParams{
		AfterTime: of.AfterTime, AfterID: of.AfterID, BeforeTime: of.BeforeTime, BeforeID: of.BeforeID, Walk: of.Walk,
	})
	return measured.Posts < searchWalk/2 && measured.Octets < searchOctets/2, err
}

// texts returns what must occur in [domain.SearchText]: each term as it stands there.
func texts(s domain.Search) []string {
	all := make([]string, len(s))
	for i, term := range s {
		all[i] = term.Text()
	}
	return all
}

// tsQuery returns the words of a search as the type tsquery reads them (PostgreSQL 15, 8.11.2), and what it cannot say: which of
// them stand together. Words hold letters and digits only, so nothing in quotes has a meaning there.
func tsQuery(s domain.Search) (words string, phrases []string) {
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
