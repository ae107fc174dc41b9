package rest

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// verbatim does not seal cursors, so that the fuzzer reaches the payload.
type verbatim struct{}

func (verbatim) SealCursor(payload []byte) string         { return string(payload) }
func (verbatim) OpenCursor(cursor string) ([]byte, error) { return []byte(cursor), nil }

func FuzzCursor(f *testing.F) {
	list := newPostList("/posts", url.Values{"author": {"1"}}, 0)
	f.Add(list.encodeCursor(domain.PostCursor{From: domain.PostPosition{PublishedAt: time.UnixMicro(1), ID: 1}, Newer: true}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, payload []byte) {
		cursor, err := list.openCursor(verbatim{}, string(payload))
		if err == nil {
			require.Equal(t, payload, list.encodeCursor(cursor), "each cursor has one encoding")
		}
	})
}

func FuzzEntityTags(f *testing.F) {
	for _, field := range []string{`*`, `"a"`, `W/"a", "b,c"`, `W/"1-x-gzip"`, `"1-x;gzip"`, `,`, `"`, `"1-x",,`} {
		f.Add(field)
	}
	f.Fuzz(func(t *testing.T, field string) {
		list, err := parseEntityTags(field)
		require.Equal(t, err == nil, list.any || len(list.tags) > 0)
		require.Equal(t, list.any, list.versions() == nil)
		require.True(t, noneMatch(&field, `"no such tag"`) || err == nil)
	})
}
