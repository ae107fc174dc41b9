package client

import (
	"context"
	"net/http"
)

// GetPost reads a published post, with its ETag, or fails with ProblemCodePostNotFound.
func (a *API) GetPost(ctx context.Context, id ID) (*Post, error) { return getPost(ctx, a.raw, id) }

// GetPost reads a published post or one's own draft, with its ETag, or fails with ProblemCodePostNotFound.
func (s *Session) GetPost(ctx context.Context, id ID) (*Post, error) { return getPost(ctx, s.raw, id) }

func getPost(ctx context.Context, raw *ClientWithResponses, id ID) (*Post, error) {
	r, err := raw.GetPostWithResponse(ctx, id, nil)
	if err != nil {
		return nil, err
	}
	return tagged(r.JSON200, r.HTTPResponse, r.Body)
}

// CreatePost writes a post, once however often it has to be sent. To go on with that after a crash, send an Idempotency-Key of
// your own by way of Raw.
func (s *Session) CreatePost(ctx context.Context, post PostInput) (*Post, error) {
	r, err := s.raw.CreatePostWithResponse(ctx, nil, post)
	if err != nil {
		return nil, err
	}
	return tagged(r.JSON201, r.HTTPResponse, r.Body)
}

// UpdatePost replaces the title, content and published flag of one's own post, which is true if nil. With an ETag, it fails with
// ProblemCodePreconditionFailed if somebody has changed the post since; with an empty one, the last writer wins.
func (s *Session) UpdatePost(ctx context.Context, id ID, post PostInput, etag string) (*Post, error) {
	r, err := s.raw.UpdatePostWithResponse(ctx, id, &UpdatePostParams{IfMatch: optional(etag)}, post)
	if err != nil {
		return nil, err
	}
	return tagged(r.JSON200, r.HTTPResponse, r.Body)
}

// PatchPost changes what is not nil in patch. The ETag is as in UpdatePost.
func (s *Session) PatchPost(ctx context.Context, id ID, patch PostPatch, etag string) (*Post, error) {
	params := &PatchPostParams{IfMatch: optional(etag)}
	r, err := s.raw.PatchPostWithApplicationMergePatchPlusJSONBodyWithResponse(ctx, id, params, patch)
	if err != nil {
		return nil, err
	}
	return tagged(r.JSON200, r.HTTPResponse, r.Body)
}

// DeletePost removes one's own post for good. The ETag is as in UpdatePost.
func (s *Session) DeletePost(ctx context.Context, id ID, etag string) error {
	call := &call{}
	r, err := s.raw.DeletePostWithResponse(withCall(ctx, call), id, &DeletePostParams{IfMatch: optional(etag)})
	if err != nil {
		return err
	}
	return gone(call, r.HTTPResponse, r.Body)
}

// VoteForPost counts the user's vote, once however often it is called.
func (s *Session) VoteForPost(ctx context.Context, id ID) error {
	r, err := s.raw.VoteForPostWithResponse(ctx, id)
	if err != nil {
		return err
	}
	return noContent(r.HTTPResponse, r.Body)
}

// WithdrawVote takes the user's vote back, if there is one.
func (s *Session) WithdrawVote(ctx context.Context, id ID) error {
	r, err := s.raw.WithdrawVoteWithResponse(ctx, id)
	if err != nil {
		return err
	}
	return noContent(r.HTTPResponse, r.Body)
}

// tagged returns the post with the ETag of its answer, or the answer's problem if there is no post.
func tagged(post *Post, resp *http.Response, body []byte) (*Post, error) {
	if post == nil {
		return nil, problemOf(resp, body)
	}
	post.ETag = resp.Header.Get("ETag")
	return post, nil
}

// optional returns nil for empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
