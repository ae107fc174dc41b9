package sqlite

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// fill inserts n posts of ten authors, a microsecond apart. One in ten is a draft. Every post contains "common", one in 20
// "twenty", one in 100 "some", one in 1,000 "word5", and one in 100,000 "rare". Each post also has its own word "w…". The
// oldest 5,555 contain "old".
func fill(tb testing.TB, s *Store, n int) {
	tb.Helper()
	for i := range 10 {
		_, err := insertUser(tb.Context(), s, domain.Email(fmt.Sprintf("author%d@example.org", i)))
		require.NoError(tb, err)
	}
	const words = "'w' || i || ' common word' || (i % 1000) || ' word' || (i % 1777) || ' open ' || CASE i % 2 WHEN 0 THEN 'sesame ' ELSE 'door ' END || " +
		"CASE WHEN i % 100 = 1 THEN 'some ' ELSE '' END || CASE WHEN i % 20 = 1 THEN 'twenty ' ELSE '' END || " +
		"CASE WHEN i % 100000 = 1 THEN 'rare ' ELSE '' END || CASE WHEN i < 5556 THEN 'old ' ELSE '' END"
	const numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) "
	for _, statement := range []string{
		"PRAGMA synchronous = OFF",
		"INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at, indexed_version) " +
			numbers + "SELECT 1 + i * 7 / 10 % 10, 'Title ' || i, " + words + " || substr(hex(zeroblob(200)), 1, 150 + i % 200), i % 10 <> 3, 1, ?2 + i, ?2 + i, ?2 + i, 1 FROM n",
		"INSERT INTO post_search (rowid, words) " + numbers + "SELECT i, ' title · ' || " + words + " FROM n",
		"PRAGMA synchronous = FULL",
	} {
		_, err := s.writer.conn.ExecContext(tb.Context(), statement, n, moment.UnixMicro())
		require.NoError(tb, err)
	}
}

func anywhere() domain.PostRange {
	return domain.PostRange{
		After:  domain.PostPosition{PublishedAt: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)},
		Before: domain.PostPosition{PublishedAt: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, Limit: domain.DefaultPageLimit + 1,
	}
}

// BenchmarkPages reads page 1 and the page in the middle, among as many posts as the name says. Compare the numbers of one
// run: only their ratio matters.
func BenchmarkPages(b *testing.B) {
	for _, n := range []int{1e3, 1e5, 1e6} {
		s := newStore(b)
		fill(b, s, n)
		first := anywhere()
		middle := first
		middle.Before = domain.PostPosition{PublishedAt: moment.Add(time.Duration(n/2) * time.Microsecond), ID: domain.PostID(n / 2)}
		for _, page := range []struct {
			name   string
			within domain.PostRange
		}{{"first", first}, {"middle", middle}, {"first by author", by(3, first)}, {"middle by author", by(3, middle)}} {
			b.Run(fmt.Sprintf("%d/%s", n, page.name), func(b *testing.B) {
				for b.Loop() {
					posts, err := s.Posts().Published(b.Context(), page.within)
					require.NoError(b, err)
					require.Len(b, posts, page.within.Limit)
				}
			})
		}
	}
}

func by(author domain.UserID, within domain.PostRange) domain.PostRange {
	within.Author = author
	return within
}

// BenchmarkSearch reads a page of a search in a million posts: the first page, the first of one author, and one in the
// middle.
func BenchmarkSearch(b *testing.B) {
	s := newStore(b)
	fill(b, s, 1e6)
	middle := anywhere()
	middle.Before = domain.PostPosition{PublishedAt: moment.Add(time.Duration(5e5) * time.Microsecond), ID: domain.PostID(5e5)}
	for _, query := range []string{
		"rare", "word5", "some", "twenty", "common", "old", "nowhere", `"open sesame"`, `"sesame open"`, "w99999*", "w9*", "w*", "rare common",
	} {
		for name, within := range map[string]domain.PostRange{"first": anywhere(), "first by author": by(3, anywhere()), "middle": middle} {
			b.Run(query+"/"+name, func(b *testing.B) {
				within.Search, _ = domain.ParseSearch(query)
				for b.Loop() {
					_, err := s.Posts().Published(b.Context(), within)
					require.NoError(b, err)
				}
			})
		}
	}
}
