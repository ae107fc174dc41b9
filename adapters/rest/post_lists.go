package rest

import (
	"context"
	"time"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// ownPosts is the path of the caller's own posts.
const ownPosts = "/users/me/posts"

// ListPosts implements GET /posts.
func (s *server) ListPosts(
	ctx context.Context, state *requestState, r api.ListPostsRequestObject,
) (api.ListPostsResponseObject, error) {
	list := newPostList("/posts", state.in.Query, 0)
	query := domain.PostQuery{
		Limit:           int(valueOr(r.Params.Limit, 0)),
		Oldest:          valueOr(r.Params.Order, api.PostOrderNewest) == api.PostOrderOldest,
		Author:          domain.UserID(valueOr(r.Params.Author, 0)),
		PublishedAfter:  timeOf(r.Params.PublishedAfter),
		PublishedBefore: timeOf(r.Params.PublishedBefore),
		Viewer:          state.viewer(),
		Client:          state.client,
	}
	if r.Params.Search != nil {
		query.Search, _ = domain.ParseSearch(*r.Params.Search)
	}
	var err error
	if query.Cursor, err = s.cursor(list, r.Params.Cursor); err != nil {
		return nil, err
	}
	page, err := s.Posts.List(ctx, query)
	if err != nil {
		return nil, err
	}
	if err := state.memory.addPosts(page.Posts); err != nil {
		return nil, err
	}
	headers := api.ListPosts200ResponseHeaders{Link: list.links(s.Cursors, r.Params.Limit, page), Vary: varyByCaller}
	return api.ListPosts200JSONResponse{Body: s.newPage(page, state.viewer()), Headers: headers}, nil
}

// ListOwnPosts implements GET /users/me/posts.
func (s *server) ListOwnPosts(
	ctx context.Context, state *requestState, r api.ListOwnPostsRequestObject,
) (api.ListOwnPostsResponseObject, error) {
	owner := state.caller.UserID
	list := newPostList(ownPosts, state.in.Query, owner)
	cursor, err := s.cursor(list, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	page, err := s.Posts.ListOwn(ctx, owner, domain.OwnPostQuery{
		Limit: int(valueOr(r.Params.Limit, 0)), Cursor: cursor, Published: r.Params.Published,
	})
	if err != nil {
		return nil, err
	}
	if err := state.memory.addPosts(page.Posts); err != nil {
		return nil, err
	}
	headers := api.ListOwnPosts200ResponseHeaders{Link: list.links(s.Cursors, r.Params.Limit, page)}
	return api.ListOwnPosts200JSONResponse{Body: s.newPage(page, state.viewer()), Headers: headers}, nil
}

// timeOf returns the time of a parameter, or nil if it was not sent.
func timeOf(t *api.Time) *time.Time {
	if t == nil {
		return nil
	}
	return &t.Time
}

func (s *server) cursor(list postList, sealed *string) (*domain.PostCursor, error) {
	if sealed == nil {
		return nil, nil
	}
	cursor, err := list.openCursor(s.Cursors, *sealed)
	return &cursor, err
}

func (s *server) newPage(page domain.PostPage, viewer domain.Viewer) api.PostPage {
	posts := make(api.PostPage, len(page.Posts))
	for i, post := range page.Posts {
		posts[i] = s.newPost(post, viewer)
	}
	return posts
}
