package domain

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"example.com/postern/domain/search"
)

// Bounds of a page of posts.
const (
	DefaultPageLimit = 20
	MaxPageLimit     = 100

	// MaxPageSize is the maximum size of the titles and contents on a page, in bytes, unless the page has only one post. A page
	// that would be larger has fewer posts than requested.
	MaxPageSize = 1 << 20
)

// PostPosition is a position in a list of posts. Published posts are ordered by (PublishedAt, ID), a user's own posts by ID
// alone. A position remains valid when the post at it is deleted.
type PostPosition struct {
	PublishedAt time.Time
	ID          PostID
}

// Compare returns -1 if p is older than other, 0 if they are equal, and 1 if p is newer.
func (p PostPosition) Compare(other PostPosition) int {
	return cmp.Or(p.PublishedAt.Compare(other.PublishedAt), cmp.Compare(p.ID, other.ID))
}

// PostCursor is the start of a page: the page begins after From and continues towards older posts, or towards newer ones if
// Newer is true.
type PostCursor struct {
	From  PostPosition
	Newer bool
}

// PostQuery selects a page of published posts.
type PostQuery struct {
	Limit  int         // 1 to [MaxPageLimit]; 0 means [DefaultPageLimit]
	Cursor *PostCursor // nil means the first page
	Oldest bool        // oldest first instead of newest first

	Author          UserID       // 0 means any author
	Search          search.Query // what [ParseSearch] returned; nil means no search
	Viewer          Viewer       // who reads the page
	Client          Client       // the client that searches; clients of one [Network] share a queue
	PublishedAfter  *time.Time   // inclusive; nil means no bound
	PublishedBefore *time.Time   // exclusive; nil means no bound
}

// OwnPostQuery selects a page of one's own posts, newest first.
type OwnPostQuery struct {
	Limit     int         // 1 to [MaxPageLimit]; 0 means [DefaultPageLimit]
	Cursor    *PostCursor // nil means the first page
	Published *bool       // nil means published posts and drafts
}

// PostPage is a page of posts.
type PostPage struct {
	Posts    []Post
	Next     *PostCursor // the next page; nil on the last one
	Previous *PostCursor // the previous page; nil on the first one
}

// NewestPosition is later than the position of every post.
var NewestPosition = PostPosition{PublishedAt: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), ID: MaxID}

// oldest is earlier than the position of every post.
var oldest = PostPosition{PublishedAt: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}

// List implements [PostService].
func (s *Posts) List(ctx context.Context, q PostQuery) (PostPage, error) {
	within := PostRange{After: oldest, Before: NewestPosition, Author: q.Author, Search: q.Search, Viewer: q.Viewer}
	if q.PublishedAfter != nil {
		within.After = later(within.After, PostPosition{PublishedAt: wholeMicroseconds(*q.PublishedAfter)})
	}
	if q.PublishedBefore != nil {
		within.Before = earlier(within.Before, PostPosition{PublishedAt: wholeMicroseconds(*q.PublishedBefore)})
	}
	l := listing{oldest: q.Oldest, position: Post.position, read: func(ctx context.Context, c PostCursor, limit int) ([]Post, error) {
		r := within
		if r.Newer, r.Limit = c.Newer, limit; c.Newer {
			r.After = later(r.After, c.From)
		} else {
			r.Before = earlier(r.Before, c.From)
		}
		return s.store.Posts().Published(ctx, r)
	}}
	if q.Search == nil {
		return l.page(ctx, q.Cursor, q.Limit)
	}
	return s.runSearch(ctx, q.Client, func(ctx context.Context) (PostPage, error) { return l.page(ctx, q.Cursor, q.Limit) })
}

// ListOwn implements [PostService].
func (s *Posts) ListOwn(ctx context.Context, owner UserID, q OwnPostQuery) (PostPage, error) {
	l := listing{position: Post.ownPosition, read: func(ctx context.Context, c PostCursor, limit int) ([]Post, error) {
		return s.store.Posts().OwnedBy(ctx, OwnPostRange{
			Owner: owner, From: c.From.ID, Newer: c.Newer, Published: q.Published, Limit: limit,
		})
	}}
	return l.page(ctx, q.Cursor, q.Limit)
}

// listing is a list of posts that is read in pages.
type listing struct {
	read     func(ctx context.Context, from PostCursor, limit int) ([]Post, error)
	position func(Post) PostPosition
	oldest   bool // oldest first
}

func (l listing) page(ctx context.Context, cursor *PostCursor, limit int) (PostPage, error) {
	if limit == 0 {
		limit = DefaultPageLimit
	}
	if limit < 1 || limit > MaxPageLimit {
		return PostPage{}, Invalid(FieldError{"limit", "maximum", fmt.Sprintf("must be from 1 to %d", MaxPageLimit)})
	}
	from := l.first()
	if cursor != nil {
		from = *cursor
	}
	posts, more, err := l.collect(ctx, from, limit)
	if err != nil {
		return PostPage{}, err
	}
	page := PostPage{Posts: posts}
	forward := from.Newer == l.oldest
	if len(posts) == 0 {
		if cursor != nil { // the posts of this page were deleted: lead back to the post at the cursor
			page.turnBack(from, forward)
		}
		return page, nil
	}
	next, previous := more, cursor != nil
	if !forward {
		slices.Reverse(posts)
		next, previous = previous, next
	}
	if next {
		page.Next = &PostCursor{From: l.position(posts[len(posts)-1]), Newer: l.oldest}
	}
	if previous {
		page.Previous = &PostCursor{From: l.position(posts[0]), Newer: !l.oldest}
	}
	return page, nil
}

func (l listing) first() PostCursor {
	if l.oldest {
		return PostCursor{From: oldest, Newer: true}
	}
	return PostCursor{From: NewestPosition}
}

// collect returns at most limit posts after the cursor, in the direction of reading, and reports whether there are more. It
// reads a few at a time and stops when they are large, so that the size of a page is bounded.
func (l listing) collect(ctx context.Context, from PostCursor, limit int) (posts []Post, more bool, err error) {
	for size := 0; ; from.From = l.position(posts[len(posts)-1]) {
		wanted := min(limit-len(posts), DefaultPageLimit)
		batch, err := l.read(ctx, from, wanted+1) // one extra post shows whether there are more
		if err != nil {
			return nil, false, err
		}
		for _, post := range batch[:min(len(batch), wanted)] {
			size += len(post.Title) + len(post.Content)
			if len(posts) > 0 && size > MaxPageSize {
				return posts, true, nil
			}
			posts = append(posts, post)
		}
		if more := len(batch) > wanted; !more || len(posts) == limit {
			return posts, more, nil
		}
	}
}

// turnBack gives an empty page a cursor in the opposite direction. It starts one id beyond from, so that its page includes the
// post at from.
func (p *PostPage) turnBack(from PostCursor, forward bool) {
	back := &PostCursor{From: from.From, Newer: !from.Newer}
	if back.From.ID--; from.Newer {
		back.From.ID += 2
	}
	if forward {
		p.Previous = back
	} else {
		p.Next = back
	}
}

func (p Post) position() PostPosition { return PostPosition{PublishedAt: *p.PublishedAt, ID: p.ID} }

func (p Post) ownPosition() PostPosition { return PostPosition{ID: p.ID} }

// wholeMicroseconds rounds t up to whole microseconds, in UTC.
func wholeMicroseconds(t time.Time) time.Time {
	return t.UTC().Add(time.Microsecond - time.Nanosecond).Truncate(time.Microsecond)
}

func later(a, b PostPosition) PostPosition {
	if a.Compare(b) < 0 {
		return b
	}
	return a
}

func earlier(a, b PostPosition) PostPosition {
	if a.Compare(b) < 0 {
		return a
	}
	return b
}
