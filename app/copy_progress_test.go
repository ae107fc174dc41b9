package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	now := time.Unix(0, 0)
	p := &progress{out: &out, now: func() time.Time { return now }}
	p.begin("copying posts")
	for range 512 {
		now = now.Add(time.Millisecond)
		p.step()
	}
	p.end()
	require.Equal(t, []string{"",
		"copying posts: 0 rows\x1b[K",
		"copying posts: 256 rows\x1b[K",
		"copying posts: 512 rows\x1b[K",
		"\x1b[K",
	}, strings.Split(out.String(), "\r"))
}

func TestProgressIsDrawnTenTimesASecond(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	now := time.Unix(0, 0)
	p := &progress{out: &out, now: func() time.Time { return now }}
	p.begin("copying posts")
	for range 100_000 {
		now = now.Add(10 * time.Microsecond)
		p.step()
	}
	require.InDelta(t, 10, strings.Count(out.String(), "\r"), 2, "the line is drawn ten times in a second")
	require.Contains(t, out.String(), "copying posts: 92160 rows")
}
