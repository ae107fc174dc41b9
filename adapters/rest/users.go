package rest

import (
	"context"
	"strconv"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// CreateUser implements POST /users. With VerifiedSignUp, the answer does not show whether the address has an account.
func (s *server) CreateUser(
	ctx context.Context, state *requestState, r api.CreateUserRequestObject,
) (api.CreateUserResponseObject, error) {
	in := domain.Registration{Email: r.Body.Email, Password: domain.NewPassword(r.Body.Password), Client: state.client}
	if s.VerifiedSignUp {
		if err := s.Emails.RequestAccount(ctx, in); err != nil {
			return nil, err
		}
		return api.CreateUser202Response{}, nil
	}
	user, err := s.Auth.Register(ctx, in)
	if err != nil {
		return nil, err
	}
	state.caller.UserID = user.ID
	location := "/users/" + strconv.FormatInt(int64(user.ID), 10)
	return api.CreateUser201JSONResponse{Body: newAccount(user), Headers: api.CreateUser201ResponseHeaders{Location: location}}, nil
}

// GetCurrentUser implements GET /users/me.
func (s *server) GetCurrentUser(
	ctx context.Context, state *requestState, _ api.GetCurrentUserRequestObject,
) (api.GetCurrentUserResponseObject, error) {
	user, err := s.Users.GetOwn(ctx, state.caller)
	if err != nil {
		return nil, err
	}
	return api.GetCurrentUser200JSONResponse{Body: newAccount(user)}, nil
}

// UpdateCurrentUser implements PATCH /users/me (RFC 7396). An absent name is not changed; null removes it.
func (s *server) UpdateCurrentUser(
	ctx context.Context, state *requestState, r api.UpdateCurrentUserRequestObject,
) (api.UpdateCurrentUserResponseObject, error) {
	var user domain.User
	var err error
	switch name := r.Body.Name; {
	case !name.IsSpecified():
		user, err = s.Users.GetOwn(ctx, state.caller)
	case name.IsNull():
		user, err = s.Users.Rename(ctx, state.caller, nil)
	default:
		user, err = s.Users.Rename(ctx, state.caller, new(name.MustGet()))
	}
	if err != nil {
		return nil, err
	}
	return api.UpdateCurrentUser200JSONResponse{Body: newAccount(user)}, nil
}

// DeleteCurrentUser implements DELETE /users/me.
func (s *server) DeleteCurrentUser(
	ctx context.Context, state *requestState, _ api.DeleteCurrentUserRequestObject,
) (api.DeleteCurrentUserResponseObject, error) {
	return api.DeleteCurrentUser204Response{}, s.Auth.DeleteAccount(ctx, state.caller)
}

// ChangePassword implements PUT /users/me/password.
func (s *server) ChangePassword(
	ctx context.Context, state *requestState, r api.ChangePasswordRequestObject,
) (api.ChangePasswordResponseObject, error) {
	return api.ChangePassword204Response{}, s.Auth.ChangePassword(ctx, state.caller, domain.PasswordChange{
		Current: domain.NewPassword(r.Body.CurrentPassword),
		New:     domain.NewPassword(r.Body.NewPassword),
		Client:  state.client,
	})
}

// GetUser implements GET /users/{id}.
func (s *server) GetUser(
	ctx context.Context, state *requestState, r api.GetUserRequestObject,
) (api.GetUserResponseObject, error) {
	user, err := s.Users.Get(ctx, domain.UserID(r.ID))
	if err != nil {
		return nil, err
	}
	return api.GetUser200JSONResponse{Body: api.User{ID: int64(user.ID), Name: user.Name, CreatedAt: api.Time{Time: user.CreatedAt}}}, nil
}

func newAccount(u domain.User) api.Account {
	account := api.Account{ID: int64(u.ID), Email: string(u.Email), Name: u.Name, CreatedAt: api.Time{Time: u.CreatedAt}}
	if u.EmailVerifiedAt != nil {
		account.EmailVerifiedAt = &api.Time{Time: *u.EmailVerifiedAt}
	}
	return account
}
