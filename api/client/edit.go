package client

import (
	"context"
	"errors"
)

// maxEdits is how many times EditPost tries before it gives up.
const maxEdits = 20

// errNoETag says that something between has taken the ETag away, without which an edit could be lost.
var errNoETag = errors.New("client: the answer has no ETag")

// EditPost reads one's own post, has change change it, and writes it only if nobody else has meanwhile; otherwise it begins anew
// with what they wrote. So no edit is lost, and change, which may be called several times, takes effect once. An error of change
// is returned and nothing written, as nothing is if it changes nothing. It fails with ProblemCodePreconditionFailed after 20
// tries, and at once if the post has not changed since it was read: then something between must have spoilt the ETag. After a
// lost answer it fails too, as nobody knows whether the post was written: look at it.
func (s *Session) EditPost(ctx context.Context, id ID, change func(*PostInput) error) (*Post, error) {
	var refused error // of the last try
	var version int64 // that was refused
	for edit := 1; ; edit++ {
		post, err := s.GetPost(ctx, id)
		if err != nil {
			return nil, err
		}
		if refused != nil && post.Version == version {
			return nil, refused
		}
		if post.ETag == "" {
			return nil, errNoETag
		}
		published := post.Published
		input := PostInput{Title: post.Title, Content: post.Content, Published: &published}
		if err := change(&input); err != nil {
			return nil, err
		}
		if input.Title == post.Title && input.Content == post.Content && isTrue(input.Published) == post.Published {
			return post, nil
		}
		written, err := s.UpdatePost(ctx, id, input, post.ETag)
		if !errors.Is(err, ProblemCodePreconditionFailed) || edit == maxEdits {
			return written, err
		}
		refused, version = err, post.Version
		if err := sleep(ctx, s.api.retry.wait(min(edit, 3), 0)); err != nil {
			return nil, err
		}
	}
}

// isTrue returns the value of a published flag, which is true when left out.
func isTrue(published *bool) bool { return published == nil || *published }
