package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"example.com/postern/api/client/wire"
)

// PostFilter selects posts. Its zero value selects all published posts, newest first.
type PostFilter struct {
	Author          ID        // only posts of this user, if not 0
	Search          string    // only posts with all these words, "quoted phrases" and prefixes*, if not empty
	PublishedAfter  time.Time // only posts published at this time or later, if not zero
	PublishedBefore time.Time // only posts published earlier, if not zero
	Order           PostOrder // PostOrderNewest if empty
	PageSize        int32     // how many posts a page has at most, 1 to 100; 20 if 0
	From            PageLink  // the page to start at, if not empty; it replaces all other members
}

// OwnPostFilter selects posts of the user. Its zero value selects all of them.
type OwnPostFilter struct {
	Published *bool    // only published posts, or only drafts, if not nil
	PageSize  int32    // how many posts a page has at most, 1 to 100; 20 if 0
	From      PageLink // the page to start at, if not empty; it replaces all other members
}

// Page is a page of posts. Long posts can make it shorter than PageSize.
type Page struct {
	Posts []Post
	Next  PageLink // empty on the last page
	Prev  PageLink // empty on the first page
}

// PageLink leads to another page. It is opaque text that can be kept, for example in the address of a web page.
type PageLink string

// Posts iterates over published posts and reads the pages as they are needed. It yields every post that was published before
// the start, and stays published, exactly once. An error ends the iteration. Each range over the result starts anew.
// Post.Voted says whether the user of a session votes for the post.
func (c *caller) Posts(ctx context.Context, filter PostFilter) iter.Seq2[Post, error] {
	return each(filter.From, func(from PageLink) (*Page, error) { return c.postPage(ctx, filter, from) })
}

// PostPage reads one page of published posts. To read its neighbours, set PostFilter.From to Page.Next or Page.Prev.
func (c *caller) PostPage(ctx context.Context, filter PostFilter) (*Page, error) {
	return c.postPage(ctx, filter, filter.From)
}

func (c *caller) postPage(ctx context.Context, filter PostFilter, from PageLink) (*Page, error) {
	params := &wire.ListPostsParams{
		Author: nonZero(filter.Author), Search: nonZero(filter.Search), Limit: nonZero(filter.PageSize),
		Order:          nonZero(wire.PostOrder(filter.Order)),
		PublishedAfter: nonZero(filter.PublishedAfter), PublishedBefore: nonZero(filter.PublishedBefore),
	}
	return readPage(c.raw.ListPosts(ctx, params, from.follow))
}

// OwnPosts iterates over the user's own posts, drafts too but not hidden ones, newest first. It works as Posts does.
func (s *Session) OwnPosts(ctx context.Context, filter OwnPostFilter) iter.Seq2[Post, error] {
	return each(filter.From, func(from PageLink) (*Page, error) { return s.ownPostPage(ctx, filter, from) })
}

// OwnPostPage reads one page of the user's own posts. It works as PostPage does.
func (s *Session) OwnPostPage(ctx context.Context, filter OwnPostFilter) (*Page, error) {
	return s.ownPostPage(ctx, filter, filter.From)
}

func (s *Session) ownPostPage(ctx context.Context, filter OwnPostFilter, from PageLink) (*Page, error) {
	params := &wire.ListOwnPostsParams{Published: filter.Published, Limit: nonZero(filter.PageSize)}
	return readPage(s.raw.ListOwnPosts(ctx, params, from.follow))
}

// each iterates over the posts of a page and all that follow.
func each(from PageLink, read func(from PageLink) (*Page, error)) iter.Seq2[Post, error] {
	return func(yield func(Post, error) bool) {
		for next := from; ; {
			page, err := read(next)
			if err != nil {
				yield(Post{}, err)
				return
			}
			for _, post := range page.Posts {
				if !yield(post, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			next = page.Next
		}
	}
}

// follow makes a request read the page of the link. The link is only a query: the host and the path stay as they are, so that
// no answer can send the token elsewhere.
func (l PageLink) follow(_ context.Context, req *http.Request) error {
	if l != "" {
		req.URL.RawQuery = string(l)
	}
	return nil
}

// readPage reads an answer of the generated client.
func readPage(resp *http.Response, err error) (*Page, error) {
	posts, err := decode[[]Post](resp, err)
	if err != nil {
		return nil, err
	}
	return &Page{Posts: *posts, Next: link(resp.Header, nextLink), Prev: link(resp.Header, prevLink)}, nil
}

var (
	nextLink = regexp.MustCompile(`<([^>]*)>[^<]*;\s*rel="?next"?(?:[\s;,]|$)`)
	prevLink = regexp.MustCompile(`<([^>]*)>[^<]*;\s*rel="?prev"?(?:[\s;,]|$)`)
)

// link returns the query of the first Link (RFC 8288) that fits, or an empty one.
func link(header http.Header, relation *regexp.Regexp) PageLink {
	for _, value := range header.Values("Link") {
		if found := relation.FindStringSubmatch(value); found != nil {
			if target, err := url.Parse(found[1]); err == nil {
				return PageLink(target.RawQuery)
			}
		}
	}
	return ""
}

// nonZero returns nil for a zero value.
func nonZero[T comparable](value T) *T {
	if value == *new(T) {
		return nil
	}
	return &value
}
