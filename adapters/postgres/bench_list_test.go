package postgres

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// fillMany inserts the same posts as the benchmarks of SQLite: n posts of ten authors, a microsecond apart. One in ten is a
// draft. Every post contains "common", one in 20 "twenty", one in 100 "some", one in 1,000 "word5", and one in 100,000
// "rare". Each post also has its own word "w…". The oldest 5,555 contain "old".
func fillMany(tb testing.TB, url string, n int) {
	tb.Helper()
	numbers := fmt.Sprintf(" FROM generate_series(1, %d) AS i", n)
	execIn(tb, url,
		"INSERT INTO users (email, email_key, password_hash, created_at) SELECT i, i, 'h', now() FROM generate_series(1, 10) AS i",
		"INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at, indexed_version) "+
			"SELECT 1 + i * 7 / 10 % 10, 'Title ' || i, repeat('0', 200 + i % 200), i % 10 <> 3, 1, at, at, at, 1"+numbers+
			", LATERAL (SELECT '"+moment.Format(time.RFC3339Nano)+"'::timestamptz + i * interval '1 us' AS at) AS moment",
		"INSERT INTO post_search (post_id, words) SELECT i, ' title w' || i || ' · common word' || (i % 1000) || ' word' || (i % 1777) || "+
			"' open ' || CASE i % 2 WHEN 0 THEN 'sesame ' ELSE 'door ' END || CASE WHEN i % 100 = 1 THEN 'some ' ELSE '' END || "+
			"CASE WHEN i % 20 = 1 THEN 'twenty ' ELSE '' END || "+
			"CASE WHEN i % 100000 = 1 THEN 'rare ' ELSE '' END || CASE WHEN i < 5556 THEN 'old ' ELSE '' END"+numbers,
		"VACUUM ANALYZE")
}

func middleOf(n int, within domain.PostRange) domain.PostRange {
	within.Before = domain.PostPosition{PublishedAt: moment.Add(time.Duration(n/2) * time.Microsecond), ID: domain.PostID(n / 2)}
	return within
}

// BenchmarkPages reads page 1 and the page in the middle, among as many posts as the name says. Compare the numbers of one
// run: only their ratio matters.
func BenchmarkPages(b *testing.B) {
	for _, n := range []int{1e3, 1e6} {
		url := pgtest.Migrated(b, Migrate)
		fillMany(b, url, n)
		s := openStore(b, url, Options{})
		benchmarkRanges(b, s, fmt.Sprint(n), n, "", domain.DefaultPageLimit+1)
	}
}

// BenchmarkSearch reads a page of a search in a million posts: the first page, the first of one author, and one in the
// middle.
func BenchmarkSearch(b *testing.B) {
	const n = 1e6
	url := pgtest.Migrated(b, Migrate)
	fillMany(b, url, n)
	s := openStore(b, url, Options{})
	for _, query := range []string{
		"rare", "word5", "some", "twenty", "common", "old", "nowhere", `"open sesame"`, `"sesame open"`, "w99999*", "w9*", "w*", "rare common",
	} {
		benchmarkRanges(b, s, query, n, query, domain.DefaultPageLimit+1)
	}
}

func benchmarkRanges(b *testing.B, s *Store, name string, n int, query string, limit int) {
	for place, within := range map[string]domain.PostRange{
		"first": anywhere(0, query, false), "first by author": anywhere(3, query, false), "middle": middleOf(n, anywhere(0, query, false)),
	} {
		within.Limit = limit
		b.Run(name+"/"+place, func(b *testing.B) {
			for b.Loop() {
				_, err := s.Posts().Published(b.Context(), within)
				require.NoError(b, err)
			}
		})
	}
}
