package postgres

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// The benchmarks of a pair differ only in the mode: their ratio shows the gain of prepared statements.
var modes = map[string]Options{"prepared": {}, "pooler": {Pooler: true}}

func BenchmarkPostByID(b *testing.B) {
	for name, o := range modes {
		b.Run(name, func(b *testing.B) {
			s := newStore(b, o)
			post := insertPost(b, s)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Posts().Visible(b.Context(), domain.Viewer{UserID: post.OwnerID}, post.ID); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPublished reads a page of 20 in the middle of 20,000 posts.
func BenchmarkPublished(b *testing.B) {
	for name, o := range modes {
		b.Run(name, func(b *testing.B) {
			url := pgtest.Migrated(b, Migrate)
			fill(b, url, "20000", "i")
			s := openStore(b, url, o)
			require.NoError(b, s.readConn(b.Context(), func(ctx context.Context, conn *pgx.Conn) error {
				_, err := conn.Exec(ctx, "ANALYZE")
				return err
			}))
			post, err := s.Posts().Visible(b.Context(), domain.Viewer{}, 10_001)
			require.NoError(b, err)
			within := domain.PostRange{
				Before: domain.PostPosition{PublishedAt: *post.PublishedAt, ID: post.ID}, Limit: domain.DefaultPageLimit,
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Posts().Published(b.Context(), within); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkInsertPost(b *testing.B) {
	for name, o := range modes {
		b.Run(name, func(b *testing.B) {
			s := newStore(b, o)
			post := domain.NewPost{
				OwnerID: insertPost(b, s).OwnerID, Title: "A title of some words",
				Content: strings.Repeat("The quick brown fox jumps over the lazy dog. ", 10), Published: true, CreatedAt: moment, PublishedAt: &moment,
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Posts().Insert(b.Context(), post); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
