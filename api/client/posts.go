package client

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"example.com/postern/api/client/wire"
)

// AnyVersion is an ETag that matches every version of a post. With it, the last writer wins.
const AnyVersion = "*"

// ErrNotModified means that the post still has the ETag that GetPostIfChanged was called with.
var ErrNotModified = errors.New("client: the post has not changed")

var errNoETag = errors.New("client: the ETag is empty: pass the ETag of the post that you read, or client.AnyVersion to overwrite any version")

// GetPost reads a published post. A session also reads the user's drafts and hidden posts, and Post.Voted says whether the user
// votes for the post. If there is none, the error is ProblemCodePostNotFound.
func (c *caller) GetPost(ctx context.Context, id ID) (*Post, error) {
	return decode[Post](c.raw.GetPost(ctx, id, nil))
}

// GetPostIfChanged is GetPost for a post that was read before. If its ETag is still the same, the error is ErrNotModified.
func (c *caller) GetPostIfChanged(ctx context.Context, id ID, etag string) (*Post, error) {
	resp, err := c.raw.GetPost(ctx, id, &wire.GetPostParams{IfNoneMatch: &etag})
	if err == nil && resp.StatusCode == http.StatusNotModified {
		resp.Body.Close()
		return nil, ErrNotModified
	}
	return decode[Post](resp, err)
}

// CreatePost creates a post. If the request has to be sent again, there is still one post, because each attempt carries the
// same Idempotency-Key. To continue after a crash of your program, send a key of your own through Raw.
func (s *Session) CreatePost(ctx context.Context, post PostInput) (*Post, error) {
	return decode[Post](s.raw.CreatePost(ctx, nil, wire.PostInput(post)))
}

// UpdatePost replaces the title, content and published flag of a post of the user. A nil flag means published. The ETag is that
// of the post as it was read: if the post has changed since, the error is ProblemCodePreconditionFailed. AnyVersion overwrites
// every version. An empty ETag is an error, and nothing is sent.
func (s *Session) UpdatePost(ctx context.Context, id ID, post PostInput, etag string) (*Post, error) {
	if isBlank(etag) {
		return nil, errNoETag
	}
	return decode[Post](s.raw.UpdatePost(ctx, id, &wire.UpdatePostParams{IfMatch: &etag}, wire.PostInput(post)))
}

// PatchPost changes the members of patch that are not nil. The ETag is as in UpdatePost.
func (s *Session) PatchPost(ctx context.Context, id ID, patch PostPatch, etag string) (*Post, error) {
	if isBlank(etag) {
		return nil, errNoETag
	}
	params := &wire.PatchPostParams{IfMatch: &etag}
	return decode[Post](s.raw.PatchPostWithApplicationMergePatchPlusJSONBody(ctx, id, params, wire.PostPatch(patch)))
}

// DeletePost deletes a post of the user. The ETag is as in UpdatePost.
func (s *Session) DeletePost(ctx context.Context, id ID, etag string) error {
	if isBlank(etag) {
		return errNoETag
	}
	return noContent(s.raw.DeletePost(ctx, id, &wire.DeletePostParams{IfMatch: &etag}))
}

// VoteForPost adds the user's vote. It is idempotent.
func (s *Session) VoteForPost(ctx context.Context, id ID) error {
	return noContent(s.raw.VoteForPost(ctx, id))
}

// WithdrawVote removes the user's vote. It is idempotent.
func (s *Session) WithdrawVote(ctx context.Context, id ID) error {
	return noContent(s.raw.WithdrawVote(ctx, id))
}

// isBlank reports whether an ETag would become an empty header.
func isBlank(etag string) bool { return strings.TrimSpace(etag) == "" }
