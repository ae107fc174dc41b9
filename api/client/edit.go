package client

import (
	"context"
	"errors"
)

// maxEdits is how many times EditPost tries before it gives up.
const maxEdits = 20

// EditPost reads a post of the user, calls change, and writes the result if the post is still the version that was read.
// Otherwise it starts again with the new version. No update is lost, and change takes effect once, although it may be called
// several times. If change returns an error, EditPost returns it and writes nothing. If change changes nothing, nothing is
// written.
//
// The error is ProblemCodePreconditionFailed after 20 attempts, or when the ETag fails although the version is the same. After a
// lost answer EditPost returns the error without another attempt, because the outcome is unknown: read the post to see.
func (s *Session) EditPost(ctx context.Context, id ID, change func(*PostInput) error) (*Post, error) {
	var refused error // of the last attempt
	var version int64 // that was refused
	for edit := 1; ; edit++ {
		post, err := s.GetPost(ctx, id)
		if err != nil {
			return nil, err
		}
		if refused != nil && post.Version == version {
			return nil, refused
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

// isTrue returns the value of a published flag. A nil flag is true.
func isTrue(published *bool) bool { return published == nil || *published }
