package postgres

import (
	"context"
	"slices"
	"strings"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// A stretch is the first posts of a range. The index of words collects all matches before it returns one. So a search first
// reads a stretch, which is enough for a common word.
const (
	shortStretch = 500     // posts
	longStretch  = 2_000   // posts
	stretchBytes = 4 << 20 // of words; reading them takes some 30 ms
	fewFound     = 2_000   // up to this number, all matches are sorted without the long stretch
)

// search returns the posts of a range that match. It reads a short stretch of the list first, and a long one if many posts
// match. If they do not fill the page, it sorts all matches of the index of words.
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

// isStretch reports whether the short stretch was the whole range. It requires that the range is at most half as long,
// because posts may have been deleted or shortened since the stretch was read.
func (r postRange) isStretch(ctx context.Context, db pgdb.DBTX) (bool, error) {
	var posts, size int64
	args := append(r.keys[:len(r.keys):len(r.keys)], shortStretch/2)
	err := db.QueryRow(ctx, r.index.measureQuery(r.newer), args...).Scan(&posts, &size)
	return posts < shortStretch/2 && size < stretchBytes/2, err
}

// patterns returns a pattern for LIKE for each term, which matches [search.Text]. Words contain only letters, digits and
// marks, so they need no escaping.
func patterns(s search.Query) []string {
	all := make([]string, len(s))
	for i, term := range s {
		all[i] = "%" + term.Text() + "%"
	}
	return all
}

// tsQuery returns the words of a search in the syntax of the type tsquery (PostgreSQL 15, 8.11.2), and a pattern for each phrase,
// because the index does not know the positions of words. Words contain only letters, digits and marks, so they need no escaping.
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
