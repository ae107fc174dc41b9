package postgres

import (
	"context"
	"slices"
	"strings"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// A stretch is the first posts of a range. The index of words collects all matches before it returns one, so that a common word is
// looked for in a short stretch first. Matches up to fewFound are sorted without a look at the long one.
const (
	shortStretch = 500
	longStretch  = 2_000
	stretchBytes = 4 << 20 // of words; reading them takes some 30 ms
	fewFound     = 2_000
)

// search returns the posts of a range that match. It looks through a short stretch of the list first, and through a long one if many
// posts match. Only if they do not fill the page, all matches are taken from the index of words and sorted.
func (r postRange) search(ctx context.Context, db pgdb.DBTX, s search.Query) ([]domain.Post, error) {
	page, err := r.look(ctx, db, s, shortStretch)
	if err != nil || len(page) >= int(r.limit) {
		return page, err
	}
	if all, err := r.isStretch(ctx, db); all || err != nil {
		return page, err
	}
	words, phrases := tsQuery(s)
	var found int
	if err := db.QueryRow(ctx, countQuery(), words, fewFound+1).Scan(&found); err != nil {
		return nil, err
	}
	if found > fewFound {
		if page, err := r.look(ctx, db, s, longStretch); err != nil || len(page) >= int(r.limit) {
			return page, err
		}
	}
	return r.read(ctx, db, r.index.indexQuery(r.newer), r.limit, words, phrases)
}

// look returns the posts of a stretch that match.
func (r postRange) look(ctx context.Context, db pgdb.DBTX, s search.Query, stretch int) ([]domain.Post, error) {
	return r.read(ctx, db, r.index.stretchQuery(r.newer), r.limit, patterns(s), stretch)
}

// isStretch reports whether the short stretch was all of the range. It says so only of half a stretch, because posts may have gone or
// become shorter since the stretch was read.
func (r postRange) isStretch(ctx context.Context, db pgdb.DBTX) (bool, error) {
	var posts, size int64
	args := append(r.keys[:len(r.keys):len(r.keys)], shortStretch/2)
	err := db.QueryRow(ctx, r.index.measureQuery(r.newer), args...).Scan(&posts, &size)
	return posts < shortStretch/2 && size < stretchBytes/2, err
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
