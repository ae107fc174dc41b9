package domain

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// newest stands before every post in the order of the list.
var newest = PostPosition{PublishedAt: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), ID: MaxID}

func (s postService) List(ctx context.Context, q PostQuery) (PostPage, error) {
	if q.Limit == 0 {
		q.Limit = DefaultPageLimit
	}
	if q.Limit < 1 || q.Limit > MaxPageLimit {
		return PostPage{}, Invalid(FieldError{"limit", "maximum", fmt.Sprintf("must be from 1 to %d", MaxPageLimit)})
	}
	cursor := q.Cursor
	if cursor == nil {
		cursor = &PostCursor{From: newest}
	}
	posts, more, err := s.read(ctx, *cursor, q.Limit)
	if err != nil {
		return PostPage{}, err
	}
	page := PostPage{Posts: posts}
	behind, ahead := q.Cursor != nil, more // in the direction of reading
	if len(posts) == 0 {
		if behind { // what led here is gone, or beyond the end: the way back begins where the way here did, that post included
			page.turnBack(*cursor)
		}
		return page, nil
	}
	if cursor.Newer {
		slices.Reverse(posts)
		behind, ahead = ahead, behind
	}
	if behind {
		page.Newer = &PostCursor{From: posts[0].position(), Newer: true}
	}
	if ahead {
		page.Older = &PostCursor{From: posts[len(posts)-1].position()}
	}
	return page, nil
}

// read returns at most limit posts behind the cursor, in the direction of reading, and tells whether there are more. It
// reads a few at a time and stops when they are large, so that a page has a bounded size.
func (s postService) read(ctx context.Context, c PostCursor, limit int) (posts []Post, more bool, err error) {
	next := s.store.Posts().PublishedBefore
	if c.Newer {
		next = s.store.Posts().PublishedAfter
	}
	for size, from := 0, c.From; ; from = posts[len(posts)-1].position() {
		wanted := min(limit-len(posts), DefaultPageLimit)
		batch, err := next(ctx, from, wanted+1) // one more tells whether there is more
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

// turnBack gives an empty page the way back. Ids are whole numbers, so the position before the cursor's own is one away.
func (p *PostPage) turnBack(c PostCursor) {
	if c.Newer {
		p.Older = &PostCursor{From: PostPosition{c.From.PublishedAt, c.From.ID + 1}}
	} else {
		p.Newer = &PostCursor{From: PostPosition{c.From.PublishedAt, c.From.ID - 1}, Newer: true}
	}
}

func (p Post) position() PostPosition {
	return PostPosition{PublishedAt: *p.PublishedAt, ID: p.ID}
}
