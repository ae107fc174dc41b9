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
	// One more than asked for tells whether there is more.
	if cursor.Newer {
		posts, err := s.store.Posts().PublishedAfter(ctx, cursor.From, q.Limit+1)
		more := len(posts) > q.Limit
		posts = posts[:min(len(posts), q.Limit)]
		slices.Reverse(posts)
		return newPostPage(posts, more, true), err
	}
	posts, err := s.store.Posts().PublishedBefore(ctx, cursor.From, q.Limit+1)
	more := len(posts) > q.Limit
	return newPostPage(posts[:min(len(posts), q.Limit)], q.Cursor != nil, more), err
}

func newPostPage(posts []Post, newer, older bool) PostPage {
	page := PostPage{Posts: posts}
	if len(posts) == 0 {
		return page
	}
	if newer {
		page.Newer = &PostCursor{From: posts[0].position(), Newer: true}
	}
	if older {
		page.Older = &PostCursor{From: posts[len(posts)-1].position()}
	}
	return page
}

func (p Post) position() PostPosition {
	return PostPosition{PublishedAt: *p.PublishedAt, ID: p.ID}
}
