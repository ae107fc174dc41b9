package rest

import (
	"context"
	"strconv"
	"time"

	"github.com/oapi-codegen/nullable"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// ListPosts implements GET /posts.
func (s *server) ListPosts(ctx context.Context, r api.ListPostsRequestObject) (api.ListPostsResponseObject, error) {
	var query domain.PostQuery
	if r.Params.Limit != nil {
		query.Limit = int(*r.Params.Limit)
	}
	if r.Params.Cursor != nil {
		cursor, err := openCursor(s.Cursors, *r.Params.Cursor)
		if err != nil {
			return nil, err
		}
		query.Cursor = &cursor
	}
	page, err := s.Posts.List(ctx, query)
	if err != nil {
		return nil, err
	}
	posts := make(api.PostPage, len(page.Posts))
	for i, post := range page.Posts {
		posts[i] = newPost(post)
	}
	links := pageLinks(s.Cursors, "/posts", r.Params.Limit, page)
	return api.ListPosts200JSONResponse{Body: posts, Headers: api.ListPosts200ResponseHeaders{Link: links}}, nil
}

// CreatePost implements POST /posts.
func (s *server) CreatePost(ctx context.Context, r api.CreatePostRequestObject) (api.CreatePostResponseObject, error) {
	post, err := s.Posts.Create(ctx, callOf(ctx).caller.UserID, postInput(r.Body))
	if err != nil {
		return nil, err
	}
	location := "/posts/" + strconv.FormatInt(int64(post.ID), 10)
	return api.CreatePost201JSONResponse{Body: newPost(post), Headers: api.CreatePost201ResponseHeaders{Location: location}}, nil
}

// GetPost implements GET /posts/{id}.
func (s *server) GetPost(ctx context.Context, r api.GetPostRequestObject) (api.GetPostResponseObject, error) {
	post, err := s.Posts.Get(ctx, domain.Viewer{UserID: callOf(ctx).caller.UserID}, domain.PostID(r.ID))
	if err != nil {
		return nil, err
	}
	return api.GetPost200JSONResponse{Body: newPost(post)}, nil
}

// UpdatePost implements PUT /posts/{id}.
func (s *server) UpdatePost(ctx context.Context, r api.UpdatePostRequestObject) (api.UpdatePostResponseObject, error) {
	post, err := s.Posts.Update(ctx, callOf(ctx).caller.UserID, domain.PostID(r.ID), postInput(r.Body))
	if err != nil {
		return nil, err
	}
	return api.UpdatePost200JSONResponse{Body: newPost(post)}, nil
}

// DeletePost implements DELETE /posts/{id}.
func (s *server) DeletePost(ctx context.Context, r api.DeletePostRequestObject) (api.DeletePostResponseObject, error) {
	if err := s.Posts.Delete(ctx, callOf(ctx).caller.UserID, domain.PostID(r.ID)); err != nil {
		return nil, err
	}
	return api.DeletePost204Response{}, nil
}

func postInput(in *api.PostInput) domain.PostInput {
	return domain.PostInput{Title: in.Title, Content: in.Content, Published: in.Published == nil || *in.Published}
}

func newPost(p domain.Post) api.Post {
	published := nullable.NewNullNullable[time.Time]()
	if p.Published && p.PublishedAt != nil {
		published.Set(*p.PublishedAt)
	}
	return api.Post{
		ID:          int64(p.ID),
		Title:       p.Title,
		Content:     p.Content,
		Published:   p.Published,
		OwnerID:     int64(p.OwnerID),
		Owner:       api.PostOwner{ID: int64(p.OwnerID), Name: nullableName(p.OwnerName)},
		Version:     int64(p.Version),
		CreatedAt:   p.CreatedAt,
		UpdatedAt:   p.UpdatedAt,
		PublishedAt: published,
	}
}
