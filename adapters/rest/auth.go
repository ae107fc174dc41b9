package rest

import (
	"context"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// Login implements POST /login.
func (s *server) Login(ctx context.Context, r api.LoginRequestObject) (api.LoginResponseObject, error) {
	tokens, err := s.Auth.Login(ctx, domain.Credentials{
		Email:    r.FormdataBody.Username,
		Password: domain.NewPassword(r.FormdataBody.Password),
		Client:   callOf(ctx).client,
	})
	if err != nil {
		return nil, err
	}
	callOf(ctx).caller.UserID = tokens.UserID
	return api.Login200JSONResponse{Body: api.Token{
		AccessToken: tokens.Access,
		TokenType:   api.TokenTypeBearer,
		ExpiresIn:   int32(tokens.ExpiresIn.Seconds()),
	}}, nil
}
