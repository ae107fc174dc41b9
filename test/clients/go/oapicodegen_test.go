package clients

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/oapi-codegen/runtime/types"

	gen "example.com/postern/test/clients/generated/oapicodegen"
)

type oapicodegen struct {
	api   *gen.ClientWithResponses
	token string
}

func TestOapiCodegen(t *testing.T) {
	run(t, func(base string) (client, error) {
		c := &oapicodegen{}
		var err error
		c.api, err = gen.NewClientWithResponses(base, gen.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			if c.token != "" {
				r.Header.Set("Authorization", "Bearer "+c.token)
			}
			return nil
		}))
		return c, err
	})
}

func (c *oapicodegen) signUp(ctx context.Context, email, password string) (int64, error) {
	answer, err := c.api.CreateUserWithResponse(ctx, gen.Registration{Email: types.Email(email), Password: password})
	if err != nil {
		return 0, err
	}
	if answer.JSON201 == nil {
		return 0, errors.New(answer.Status())
	}
	return answer.JSON201.Id, nil
}

func (c *oapicodegen) logIn(ctx context.Context, email, password string) error {
	answer, err := c.api.LoginWithFormdataBodyWithResponse(ctx, gen.LoginForm{Username: email, Password: password})
	if err != nil {
		return err
	}
	if answer.JSON200 == nil {
		return errors.New(answer.Status())
	}
	c.token = answer.JSON200.AccessToken
	return nil
}

func (c *oapicodegen) write(ctx context.Context, title string) (post, error) {
	answer, err := c.api.CreatePostWithResponse(ctx, nil, gen.PostInput{Title: title, Content: "text"})
	if err != nil {
		return post{}, err
	}
	p, _, err := c.answer(answer.JSON201, nil, answer.Status())
	return p, err
}

func (c *oapicodegen) patch(ctx context.Context, id int64, etag, title string) (post, *problem, error) {
	answer, err := c.api.PatchPostWithResponse(ctx, id, &gen.PatchPostParams{IfMatch: &etag}, gen.PostPatch{Title: &title})
	if err != nil {
		return post{}, nil, err
	}
	return c.answer(answer.JSON200, answer.ApplicationproblemJSON412, answer.Status())
}

func (c *oapicodegen) read(ctx context.Context, id int64) (post, *problem, error) {
	answer, err := c.api.GetPostWithResponse(ctx, id, nil)
	if err != nil {
		return post{}, nil, err
	}
	return c.answer(answer.JSON200, answer.ApplicationproblemJSON404, answer.Status())
}

func (c *oapicodegen) page(ctx context.Context, author int64, limit int32, cursor string) ([]post, string, error) {
	params := &gen.ListPostsParams{Author: &author, Limit: &limit}
	if cursor != "" {
		params.Cursor = &cursor
	}
	answer, err := c.api.ListPostsWithResponse(ctx, params)
	if err != nil {
		return nil, "", err
	}
	if answer.JSON200 == nil {
		return nil, "", errors.New(answer.Status())
	}
	var posts []post
	for _, p := range *answer.JSON200 {
		posts = append(posts, post{p.Id, p.Etag, p.Title})
	}
	return posts, answer.HTTPResponse.Header.Get("Link"), nil
}

func (c *oapicodegen) answer(p *gen.Post, failed *gen.Problem, status string) (post, *problem, error) {
	switch {
	case p != nil:
		return post{p.Id, p.Etag, p.Title}, nil, nil
	case failed != nil:
		return post{}, &problem{int(failed.Status), failed.Code}, nil
	default:
		return post{}, nil, errors.New(status)
	}
}
