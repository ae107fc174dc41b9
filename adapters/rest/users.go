package rest

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/oapi-codegen/nullable"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// CreateUser implements POST /users.
func (s *server) CreateUser(ctx context.Context, r api.CreateUserRequestObject) (api.CreateUserResponseObject, error) {
	user, err := s.Auth.Register(ctx, domain.Registration{Email: r.Body.Email, Password: domain.NewPassword(r.Body.Password)})
	if err != nil {
		return nil, err
	}
	callOf(ctx).caller.UserID = user.ID
	location := "/users/" + strconv.FormatInt(int64(user.ID), 10)
	return api.CreateUser201JSONResponse{Body: newAccount(user), Headers: api.CreateUser201ResponseHeaders{Location: location}}, nil
}

// GetCurrentUser implements GET /users/me.
func (s *server) GetCurrentUser(ctx context.Context, _ api.GetCurrentUserRequestObject) (api.GetCurrentUserResponseObject, error) {
	user, err := s.Users.Get(ctx, callOf(ctx).caller.UserID)
	if errors.Is(err, domain.ErrUserNotFound) {
		return nil, fmt.Errorf("%w: the account is gone", domain.ErrBadToken)
	} else if err != nil {
		return nil, err
	}
	return api.GetCurrentUser200JSONResponse{Body: newAccount(user)}, nil
}

// GetUser implements GET /users/{id}.
func (s *server) GetUser(ctx context.Context, r api.GetUserRequestObject) (api.GetUserResponseObject, error) {
	user, err := s.Users.Get(ctx, domain.UserID(r.ID))
	if err != nil {
		return nil, err
	}
	return api.GetUser200JSONResponse{Body: api.User{ID: int64(user.ID), Name: nullableName(user.Name), CreatedAt: user.CreatedAt}}, nil
}

func newAccount(u domain.User) api.Account {
	return api.Account{ID: int64(u.ID), Email: string(u.Email), Name: nullableName(u.Name), CreatedAt: u.CreatedAt}
}

func nullableName(name *string) nullable.Nullable[api.Name] {
	if name == nil {
		return nullable.NewNullNullable[api.Name]()
	}
	return nullable.NewNullableWithValue(*name)
}
