package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"time"
)

// PostFilter says which posts to list. Its zero value is all published posts, newest first.
type PostFilter struct {
	Author          ID        // only this user's, if not 0
	Search          string    // only with all these words, "quoted phrases" and prefixes*, if not empty
	PublishedAfter  time.Time // only those published then or later, if not zero
	PublishedBefore time.Time // only those published earlier, if not zero
	Order           PostOrder // PostOrderNewest if empty
	PageSize        int32     // how many posts are asked for at once, 1 to 100; 20 if 0
}

// OwnPostFilter says which of one's own posts to list. Its zero value is all of them.
type OwnPostFilter struct {
	Published *bool // only published posts, or only drafts, if not nil
	PageSize  int32 // how many posts are asked for at once, 1 to 100; 20 if 0
}

// Posts lists published posts, getting page after page as they are needed. A post that was published before the beginning, and
// stays so, comes exactly once, whoever writes meanwhile. An error is the last thing that comes. Each range over it begins anew.
func (a *API) Posts(ctx context.Context, filter PostFilter) iter.Seq2[Post, error] {
	params := &ListPostsParams{
		Author: nonZero(filter.Author), Search: nonZero(filter.Search), Order: nonZero(filter.Order), Limit: nonZero(filter.PageSize),
		PublishedAfter: nonZero(filter.PublishedAfter), PublishedBefore: nonZero(filter.PublishedBefore),
	}
	return pages(func(follow RequestEditorFn) (*http.Response, *PostPage, []byte, error) {
		r, err := a.raw.ListPostsWithResponse(ctx, params, follow)
		if err != nil {
			return nil, nil, nil, err
		}
		return r.HTTPResponse, r.JSON200, r.Body, nil
	})
}

// OwnPosts lists the user's own posts, drafts too, newest first, as API.Posts does.
func (s *Session) OwnPosts(ctx context.Context, filter OwnPostFilter) iter.Seq2[Post, error] {
	params := &ListOwnPostsParams{Published: filter.Published, Limit: nonZero(filter.PageSize)}
	return pages(func(follow RequestEditorFn) (*http.Response, *PostPage, []byte, error) {
		r, err := s.raw.ListOwnPostsWithResponse(ctx, params, follow)
		if err != nil {
			return nil, nil, nil, err
		}
		return r.HTTPResponse, r.JSON200, r.Body, nil
	})
}

// pages goes from page to page by the next links, with get, which follows such a link.
func pages(get func(follow RequestEditorFn) (*http.Response, *PostPage, []byte, error)) iter.Seq2[Post, error] {
	return func(yield func(Post, error) bool) {
		for query, more := "", true; more; {
			// Only the query of a link is followed: the token never goes elsewhere, and a proxy's prefix is kept.
			resp, page, body, err := get(func(_ context.Context, req *http.Request) error {
				if query != "" {
					req.URL.RawQuery = query
				}
				return nil
			})
			if err == nil && page == nil {
				err = problemOf(resp, body)
			}
			if err != nil {
				yield(Post{}, err)
				return
			}
			for _, post := range *page {
				if !yield(post, nil) {
					return
				}
			}
			query, more = nextQuery(resp.Header)
		}
	}
}

var nextLink = regexp.MustCompile(`<([^>]*)>[^<]*;\s*rel="?next"?(?:[\s;,]|$)`)

// nextQuery returns the query of the Link to the next page (RFC 8288), if there is one.
func nextQuery(header http.Header) (query string, more bool) {
	for _, value := range header.Values("Link") {
		if found := nextLink.FindStringSubmatch(value); found != nil {
			target, err := url.Parse(found[1])
			if err == nil && target.RawQuery != "" {
				return target.RawQuery, true
			}
		}
	}
	return "", false
}

// nonZero returns nil for a zero value.
func nonZero[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}
