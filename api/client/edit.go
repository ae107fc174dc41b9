package client

import (
	"context"
	"errors"
)

// maxEdits is how often EditPost begins anew before it gives up.
const maxEdits = 20

// errNoETag says that something between has taken the ETag away, without which an edit could be lost.
var errNoETag = errors.New("client: the answer has no ETag")

// EditPost reads one's own post, has change change it, and writes it only if nobody else has meanwhile; otherwise it begins anew
// with what they wrote. So no edit is lost, and change, which may be called several times, takes effect once. An error of change
// is returned and nothing written, as nothing is if it changes nothing. After 20 times in vain it fails with
// ProblemCodePreconditionFailed. After a lost answer it fails too, as nobody knows whether the post was written: look at it.
func (s *Session) EditPost(ctx context.Context, id ID, change func(*PostInput) error) (*Post, error) {
	for edit := 1; ; edit++ {
		post, err := s.GetPost(ctx, id)
		if err != nil {
			return nil, err
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
		if err := sleep(ctx, s.api.retry.wait(min(edit, 3), 0)); err != nil {
			return nil, err
		}
	}
}

// isTrue tells what the contract says of a published flag: true when left out.
func isTrue(published *bool) bool { return published == nil || *published }
