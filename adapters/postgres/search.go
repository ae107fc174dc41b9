package postgres

import (
	"context"
	"slices"
	"strings"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// searchWalk is how many posts of a list a search looks into before it asks the index of words. What at least one in 100 posts
// has fills a page by then; of what fewer have, all hits can be put into order.
const searchWalk = 2000

// search returns the posts of a range that hold what is searched for.
func search(ctx context.Context, q *pgdb.Queries, within domain.PostRange) ([]pgdb.ShownPost, error) {
	found, err := walk(ctx, q, within)
	if err != nil || len(found) >= within.Limit {
		return found, err
	}
	n, err := countRange(ctx, q, within)
	// Less than half, because posts may have gone since the walk: it did come to the end.
	if err != nil || n < searchWalk/2 {
		return found, err
	}
	words, phrases := tsQuery(within.Search)
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
			Walk: searchWalk, Texts: texts(within.Search),
		}
		if within.Newer {
			return q.WalkAuthoredNewer(ctx, pgdb.WalkAuthoredNewerParams(of))
		}
		return q.WalkAuthoredOlder(ctx, of)
	}
	of := pgdb.WalkOlderParams{
		AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
		Walk: searchWalk, Texts: texts(within.Search),
	}
	if within.Newer {
		return q.WalkNewer(ctx, pgdb.WalkNewerParams(of))
	}
	return q.WalkOlder(ctx, of)
}

// countRange returns how many posts a range has, but not more than a walk looks into.
func countRange(ctx context.Context, q *pgdb.Queries, within domain.PostRange) (int64, error) {
	of := pgdb.CountPublishedParams{
		AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), Walk: searchWalk,
	}
	if within.Author == 0 {
		return q.CountPublished(ctx, of)
	}
	return q.CountAuthored(ctx, pgdb.CountAuthoredParams{
		Author: int64(within.Author), AfterTime: of.AfterTime, AfterID: of.AfterID, BeforeTime: of.BeforeTime, BeforeID: of.BeforeID,
		Walk: of.Walk,
	})
}

// texts returns what must occur in [domain.SearchText]: each term as it stands there.
func texts(s domain.Search) []string {
	all := make([]string, len(s))
	for i, term := range s {
		all[i] = text(term)
	}
	return all
}

func text(term domain.SearchTerm) string {
	text := " " + strings.Join(term.Words, " ")
	if !term.Prefix {
		text += " "
	}
	return text
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
			phrases = append(phrases, text(term))
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " & "), phrases
}
