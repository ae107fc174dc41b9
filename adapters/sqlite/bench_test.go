package sqlite

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// BenchmarkInsertGrouped and BenchmarkInsertSingle differ only in how many writes share a commit: their ratio shows the gain of
// grouping, at synchronous=FULL.
func BenchmarkInsertGrouped(b *testing.B) { benchmarkInsert(b, defaultLimits()) }

// BenchmarkInsertSingle commits each write alone.
func BenchmarkInsertSingle(b *testing.B) {
	l := defaultLimits()
	l.groupSize = 1
	benchmarkInsert(b, l)
}

func benchmarkInsert(b *testing.B, l limits) {
	s := newStoreWith(b, l)
	owner, err := insertUser(b.Context(), s, "ada@example.org")
	require.NoError(b, err)
	post := domain.NewPost{
		OwnerID: owner.ID, Title: "A title of some words", Content: strings.Repeat("The quick brown fox jumps over the lazy dog. ", 10), CreatedAt: moment,
	}
	post.Published, post.PublishedAt = true, &moment
	var left atomic.Int64
	left.Store(int64(b.N))
	ended := make(chan error, 64)
	b.ResetTimer()
	for range cap(ended) {
		go func() {
			for left.Add(-1) >= 0 {
				if _, err := s.Posts().Insert(b.Context(), post); err != nil {
					ended <- err
					return
				}
			}
			ended <- nil
		}()
	}
	for range cap(ended) {
		require.NoError(b, <-ended)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "inserts/s")
}

// BenchmarkPostByID reads one post.
func BenchmarkPostByID(b *testing.B) {
	s := newStore(b)
	owner, err := insertUser(b.Context(), s, "ada@example.org")
	require.NoError(b, err)
	draft := domain.NewPost{OwnerID: owner.ID, Title: "title", Content: "content", CreatedAt: moment}
	post, err := s.Posts().Insert(b.Context(), draft)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Posts().Visible(b.Context(), domain.Viewer{UserID: post.OwnerID}, post.ID); err != nil {
			b.Fatal(err)
		}
	}
}
