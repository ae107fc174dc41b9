// Package clients runs generated Go clients. ../clients.test.ts generates them and sets POSTERN_URL.
package clients

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

type post struct {
	id          int64
	etag, title string
}

// problem is what a client understood of an error.
type problem struct {
	status int
	code   string
}

// client adapts a generated client. Methods that return a problem return nil if the call succeeded.
type client interface {
	signUp(ctx context.Context, email, password string) (id int64, err error)
	logIn(ctx context.Context, email, password string) error
	write(ctx context.Context, title string) (post, error)
	patch(ctx context.Context, id int64, etag, title string) (post, *problem, error)
	read(ctx context.Context, id int64) (post, *problem, error)
	page(ctx context.Context, author int64, limit int32, cursor string) (posts []post, link string, err error)
}

var nextLink = regexp.MustCompile(`<([^>]+)>; rel="next"`)

// run is the scenario of ../scenario.ts.
func run(t *testing.T, open func(base string) (client, error)) {
	const password = "seventeen purple gallons of paint"
	c, err := open(os.Getenv("POSTERN_URL"))
	require.NoError(t, err)
	ctx := t.Context()
	email := t.Name() + "@example.com"
	id, err := c.signUp(ctx, email, password)
	require.NoError(t, err)
	require.NoError(t, c.logIn(ctx, email, password))

	first, err := c.write(ctx, "first")
	require.NoError(t, err)
	changed, failed, err := c.patch(ctx, first.id, first.etag, "changed")
	require.NoError(t, err)
	require.Nil(t, failed)
	require.Equal(t, "changed", changed.title)
	_, failed, err = c.patch(ctx, first.id, first.etag, "lost")
	require.NoError(t, err)
	require.Equal(t, &problem{http.StatusPreconditionFailed, "precondition_failed"}, failed)

	_, failed, err = c.read(ctx, 1<<53-1)
	require.NoError(t, err)
	require.Equal(t, &problem{http.StatusNotFound, "some_future_code"}, failed)

	second, err := c.write(ctx, "second")
	require.NoError(t, err)
	third, err := c.write(ctx, "third")
	require.NoError(t, err)
	posts, link, err := c.page(ctx, id, 2, "")
	require.NoError(t, err)
	require.Equal(t, []post{third, second}, posts)
	next := nextLink.FindStringSubmatch(link)
	require.NotNil(t, next, link)
	address, err := url.Parse(next[1])
	require.NoError(t, err)
	posts, link, err = c.page(ctx, id, 2, address.Query().Get("cursor"))
	require.NoError(t, err)
	require.Equal(t, []post{changed}, posts)
	require.NotRegexp(t, nextLink, link)
}
