package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := &progress{out: &out}
	for rows := range 2500 {
		p.show("copying posts", int64(rows))
	}
	p.end()
	require.Equal(t, []string{"",
		"copying posts: 0 rows\x1b[K",
		"copying posts: 1000 rows\x1b[K",
		"copying posts: 2000 rows\x1b[K",
		"\x1b[K",
	}, strings.Split(out.String(), "\r"))
}
