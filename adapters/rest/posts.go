package rest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// GetPost implements GET /posts/{id}.
func (s *server) GetPost(
	ctx context.Context, state *requestState, r api.GetPostRequestObject,
) (api.GetPostResponseObject, error) {
	post, err := s.Posts.Get(ctx, state.viewer(), domain.PostID(r.ID))
	if err != nil {
		return nil, err
	}
	body, cache := s.newPost(post, state.viewer()), "no-cache"
	if !post.Published || post.Hidden {
		cache = "private, no-store"
	}
	if !noneMatch(r.Params.IfNoneMatch, body.ETag) {
		return api.GetPost304Response{
			Headers: api.GetPost304ResponseHeaders{ETag: body.ETag, CacheControl: cache, Vary: varyByCaller},
		}, nil
	}
	return api.GetPost200JSONResponse{
		Body: body, Headers: api.GetPost200ResponseHeaders{ETag: body.ETag, CacheControl: cache, Vary: varyByCaller},
	}, nil
}

const varyByCaller = "Authorization"

// CreatePost implements POST /posts.
func (s *server) CreatePost(
	ctx context.Context, state *requestState, r api.CreatePostRequestObject,
) (api.CreatePostResponseObject, error) {
	created, err := s.Posts.Create(ctx, state.caller.UserID, postInput(r.Body.Title, r.Body.Content, r.Body.Published),
		idempotency(r.Params.IdempotencyKey, state.in.Body))
	if err != nil {
		return nil, err
	}
	body := s.newPost(created.Post, state.viewer())
	headers := api.CreatePost201ResponseHeaders{Location: "/posts/" + strconv.FormatInt(body.ID, 10), ETag: body.ETag}
	if created.Replayed {
		headers.IdempotencyReplayed = new(true)
	}
	return api.CreatePost201JSONResponse{Body: body, Headers: headers}, nil
}

// idempotency returns the idempotency key of a request with the fingerprint of its body, or nil if it has no key.
func idempotency(key *string, body []byte) *domain.Idempotency {
	if key == nil {
		return nil
	}
	fingerprint := sha256.Sum256(body)
	return &domain.Idempotency{Key: *key, Fingerprint: hex.EncodeToString(fingerprint[:])}
}

// UpdatePost implements PUT /posts/{id}.
func (s *server) UpdatePost(
	ctx context.Context, state *requestState, r api.UpdatePostRequestObject,
) (api.UpdatePostResponseObject, error) {
	conditions := writeConditions{cmp.Or(r.Params.IfMatch, r.Body.ETag), r.Params.IfNoneMatch}
	body, err := s.edit(ctx, state, r.ID, conditions, func(in *domain.PostInput) { *in = postInput(r.Body.Title, r.Body.Content, r.Body.Published) })
	if err != nil {
		return nil, err
	}
	return api.UpdatePost200JSONResponse{Body: body, Headers: api.UpdatePost200ResponseHeaders{ETag: body.ETag}}, nil
}

// PatchPost implements PATCH /posts/{id} (RFC 7396). No member can be removed, so the contract rejects null. An empty
// patch changes nothing.
func (s *server) PatchPost(
	ctx context.Context, state *requestState, r api.PatchPostRequestObject,
) (api.PatchPostResponseObject, error) {
	edit := func(in *domain.PostInput) {
		in.Title = valueOr(r.Body.Title, in.Title)
		in.Content = valueOr(r.Body.Content, in.Content)
		in.Published = valueOr(r.Body.Published, in.Published)
	}
	if *r.Body == (api.PostPatch{ETag: r.Body.ETag}) {
		edit = nil
	}
	body, err := s.edit(ctx, state, r.ID, writeConditions{cmp.Or(r.Params.IfMatch, r.Body.ETag), r.Params.IfNoneMatch}, edit)
	if err != nil {
		return nil, err
	}
	return api.PatchPost200JSONResponse{Body: body, Headers: api.PatchPost200ResponseHeaders{ETag: body.ETag}}, nil
}

func valueOr[T any](given *T, otherwise T) T {
	if given == nil {
		return otherwise
	}
	return *given
}

func (s *server) edit(
	ctx context.Context, state *requestState, id api.ID, conditions writeConditions, edit func(*domain.PostInput),
) (api.Post, error) {
	want, err := s.allowedVersions(ctx, state, id, conditions)
	if err != nil {
		return api.Post{}, err
	}
	post, err := s.Posts.Update(ctx, state.caller.UserID, domain.PostID(id), want, edit)
	if err != nil {
		return api.Post{}, err
	}
	return s.newPost(post, state.viewer()), nil
}

// DeletePost implements DELETE /posts/{id}.
func (s *server) DeletePost(
	ctx context.Context, state *requestState, r api.DeletePostRequestObject,
) (api.DeletePostResponseObject, error) {
	want, err := s.allowedVersions(ctx, state, r.ID, writeConditions{r.Params.IfMatch, r.Params.IfNoneMatch})
	if err != nil {
		return nil, err
	}
	return api.DeletePost204Response{}, s.Posts.Delete(ctx, state.caller.UserID, domain.PostID(r.ID), want)
}

// VoteForPost implements PUT /posts/{id}/vote.
func (s *server) VoteForPost(
	ctx context.Context, state *requestState, r api.VoteForPostRequestObject,
) (api.VoteForPostResponseObject, error) {
	return api.VoteForPost204Response{}, s.Posts.Vote(ctx, state.caller.UserID, domain.PostID(r.ID), true)
}

// WithdrawVote implements DELETE /posts/{id}/vote.
func (s *server) WithdrawVote(
	ctx context.Context, state *requestState, r api.WithdrawVoteRequestObject,
) (api.WithdrawVoteResponseObject, error) {
	return api.WithdrawVote204Response{}, s.Posts.Vote(ctx, state.caller.UserID, domain.PostID(r.ID), false)
}

func postInput(title, content string, published *bool) domain.PostInput {
	return domain.PostInput{Title: title, Content: content, Published: valueOr(published, true)}
}

// newPost returns a post as the viewer sees it.
func (s *server) newPost(p domain.Post, viewer domain.Viewer) api.Post {
	var voted *bool
	if viewer.UserID != 0 {
		voted = new(p.Voted)
	}
	var hidden *bool
	if p.Hidden {
		hidden = &p.Hidden
	}
	var published *api.Time
	if p.Published && p.PublishedAt != nil {
		published = &api.Time{Time: *p.PublishedAt}
	}
	return api.Post{
		ID:          int64(p.ID),
		ETag:        s.etag(p, viewer),
		Title:       p.Title,
		Content:     p.Content,
		Published:   p.Published,
		OwnerID:     int64(p.OwnerID),
		Owner:       api.PostOwner{ID: int64(p.OwnerID), Name: p.OwnerName},
		Votes:       p.Votes,
		Voted:       voted,
		Hidden:      hidden,
		Version:     int64(p.Version),
		CreatedAt:   api.Time{Time: p.CreatedAt},
		UpdatedAt:   api.Time{Time: p.UpdatedAt},
		PublishedAt: published,
	}
}
