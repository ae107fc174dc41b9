package clients

import (
	"context"
	"fmt"
	"testing"

	"github.com/ogen-go/ogen/ogenerrors"

	gen "example.com/postern/test/clients/generated/ogen"
)

type ogen struct {
	api   *gen.Client
	token string
}

func TestOgen(t *testing.T) {
	run(t, func(base string) (client, error) {
		c := &ogen{}
		var err error
		c.api, err = gen.NewClient(base, c)
		return c, err
	})
}

func (c *ogen) BearerAuth(context.Context, gen.OperationName) (gen.BearerAuth, error) {
	if c.token == "" {
		return gen.BearerAuth{}, ogenerrors.ErrSkipClientSecurity
	}
	return gen.BearerAuth{Token: c.token}, nil
}

func (c *ogen) OAuth2Password(context.Context, gen.OperationName) (gen.OAuth2Password, error) {
	return gen.OAuth2Password{}, ogenerrors.ErrSkipClientSecurity
}

func (c *ogen) signUp(ctx context.Context, email, password string) (int64, error) {
	answer, err := c.api.CreateUser(ctx, &gen.Registration{Email: email, Password: password})
	if account, ok := answer.(*gen.AccountHeaders); ok {
		return int64(account.Response.ID), nil
	}
	return 0, unexpected(answer, err)
}

func (c *ogen) logIn(ctx context.Context, email, password string) error {
	answer, err := c.api.Login(ctx, &gen.LoginForm{Username: email, Password: password})
	if token, ok := answer.(*gen.TokenHeaders); ok {
		c.token = token.Response.AccessToken
		return nil
	}
	return unexpected(answer, err)
}

func (c *ogen) write(ctx context.Context, title string) (post, error) {
	answer, err := c.api.CreatePost(ctx, &gen.PostInput{Title: title, Content: "text"}, gen.CreatePostParams{})
	if created, ok := answer.(*gen.PostHeaders); ok {
		return ogenPost(created.Response), nil
	}
	return post{}, unexpected(answer, err)
}

func (c *ogen) patch(ctx context.Context, id int64, etag, title string) (post, *problem, error) {
	params := gen.PatchPostParams{ID: gen.ID(id), IfMatch: gen.NewOptEntityTags(gen.EntityTags(etag))}
	answer, err := c.api.PatchPost(ctx, &gen.PatchPostApplicationJSON{Title: gen.NewOptString(title)}, params)
	switch answer := answer.(type) {
	case *gen.UpdatePostOKHeaders:
		return ogenPost(answer.Response), nil, nil
	case *gen.PreconditionFailedHeaders:
		return post{}, ogenProblem(answer.Response), nil
	}
	return post{}, nil, unexpected(answer, err)
}

func (c *ogen) read(ctx context.Context, id int64) (post, *problem, error) {
	answer, err := c.api.GetPost(ctx, gen.GetPostParams{ID: gen.ID(id)})
	switch answer := answer.(type) {
	case *gen.GetPostOKHeaders:
		return ogenPost(answer.Response), nil, nil
	case *gen.PostNotFoundHeaders:
		return post{}, ogenProblem(answer.Response), nil
	}
	return post{}, nil, unexpected(answer, err)
}

func (c *ogen) page(ctx context.Context, author int64, limit int32, cursor string) ([]post, string, error) {
	params := gen.ListPostsParams{Author: gen.NewOptID(gen.ID(author)), Limit: gen.NewOptInt32(limit)}
	if cursor != "" {
		params.Cursor = gen.NewOptString(cursor)
	}
	answer, err := c.api.ListPosts(ctx, params)
	page, ok := answer.(*gen.PostPageHeaders)
	if !ok {
		return nil, "", unexpected(answer, err)
	}
	var posts []post
	for _, p := range page.Response {
		posts = append(posts, ogenPost(p))
	}
	return posts, page.Link.Value, nil
}

func ogenPost(p gen.Post) post { return post{int64(p.ID), p.Etag, p.Title} }

func ogenProblem(p gen.Problem) *problem { return &problem{int(p.Status), string(p.Code)} }

func unexpected(answer any, err error) error {
	return fmt.Errorf("unexpected answer %T: %w", answer, err)
}
