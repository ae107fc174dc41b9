package postgres

import (
	"context"
	"slices"
	"strings"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// search returns the posts of a range that match. It looks through a stretch of the list first. Only if that does not fill the page,
// all matches are taken from the index of words and sorted.
func (r postRange) search(ctx context.Context, db pgdb.DBTX, s search.Query) ([]domain.Post, error) {
	page, err := r.read(ctx, db, r.index.stretchQuery(r.newer), r.limit, patterns(s))
	if err != nil || len(page) >= int(r.limit) {
		return page, err
	}
	if all, err := r.isStretch(ctx, db); all || err != nil {
		return page, err
	}
	words, phrases := tsQuery(s)
	return r.read(ctx, db, r.index.indexQuery(r.newer), r.limit, words, phrases)
}

// isStretch reports whether the stretch was all of the range. It says so only of half a stretch, because posts may have gone or become
// shorter since the stretch was read.
func (r postRange) isStretch(ctx context.Context, db pgdb.DBTX) (bool, error) {
	var posts, octets int64
	err := db.QueryRow(ctx, r.index.measureQuery(r.newer), r.keys...).Scan(&posts, &octets)
	return posts < stretchPosts/2 && octets < stretchOctets/2, err
}

// patterns returns how each term stands in [search.Text], for LIKE. Words have no character that means something to LIKE: they
// are letters, digits and marks.
func patterns(s search.Query) []string {
	all := make([]string, len(s))
	for i, term := range s {
		all[i] = "%" + term.Text() + "%"
	}
	return all
}

// tsQuery returns the words of a search as the type tsquery reads them (PostgreSQL 15, 8.11.2), and patterns for what the index does
// not know: which of them stand together. Words hold letters, digits and marks only, so nothing in quotes has a meaning.
func tsQuery(s search.Query) (words string, phrases []string) {
	var all []string
	for _, word := range s.Words() {
		text := "'" + word.Words[0] + "'"
		if word.Prefix {
			text += ":*"
		}
		all = append(all, text)
	}
	isWord := func(term search.Term) bool { return len(term.Words) == 1 }
	return strings.Join(all, " & "), patterns(slices.DeleteFunc(slices.Clone(s), isWord))
}
