package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

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
	return api.Login200JSONResponse{Body: newToken(ctx, tokens)}, nil
}

// CreateToken implements POST /token (RFC 6749, section 3.2).
func (s *server) CreateToken(ctx context.Context, r api.CreateTokenRequestObject) (api.CreateTokenResponseObject, error) {
	tokens, err := s.grant(ctx, r.FormdataBody)
	if err != nil {
		return nil, err
	}
	return api.CreateToken200JSONResponse{Body: newToken(ctx, tokens)}, nil
}

func (s *server) grant(ctx context.Context, form *api.TokenForm) (domain.Tokens, error) {
	if form.GrantType == api.TokenGrantTypeRefreshToken {
		if err := requireMembers(member{"refresh_token", form.RefreshToken}); err != nil {
			return domain.Tokens{}, err
		}
		return s.Auth.Refresh(ctx, *form.RefreshToken)
	}
	if err := requireMembers(member{"username", form.Username}, member{"password", form.Password}); err != nil {
		return domain.Tokens{}, err
	}
	return s.Auth.Login(ctx, domain.Credentials{
		Email:    *form.Username,
		Password: domain.NewPassword(*form.Password),
		Client:   callOf(ctx).client,
	})
}

type member struct {
	name  string
	value *string
}

// requireMembers tells of members that only the meaning of others makes required, which the contract's language cannot say.
func requireMembers(members ...member) error {
	var missing []domain.FieldError
	for _, m := range members {
		if m.value == nil {
			missing = append(missing, domain.FieldError{Field: m.name, Code: "required", Message: "is required"})
		}
	}
	return domain.Invalid(missing...)
}

func newToken(ctx context.Context, t domain.Tokens) api.Token {
	callOf(ctx).caller.UserID = t.UserID
	return api.Token{
		AccessToken:  t.Access,
		TokenType:    api.TokenTypeBearer,
		ExpiresIn:    int32(t.ExpiresIn.Seconds()),
		RefreshToken: t.Refresh,
	}
}

// Logout implements POST /logout. A session that has ended already is logged out of.
func (s *server) Logout(ctx context.Context, r api.LogoutRequestObject) (api.LogoutResponseObject, error) {
	if r.FormdataBody != nil && r.FormdataBody.RefreshToken != nil {
		if err := s.Sessions.LogOut(ctx, *r.FormdataBody.RefreshToken); err != nil {
			return nil, err
		}
	}
	if caller := callOf(ctx).caller; caller.UserID != 0 {
		if err := s.Sessions.End(ctx, caller, caller.SessionID); err != nil && !errors.Is(err, domain.ErrSessionNotFound) {
			return nil, err
		}
	}
	return api.Logout204Response{}, nil
}

// keysCacheControl lets others keep the public keys for less time than it takes a new one to be used.
var keysCacheControl = "public, max-age=30"

// GetKeys implements GET /.well-known/jwks.json.
func (s *server) GetKeys(context.Context, api.GetKeysRequestObject) (api.GetKeysResponseObject, error) {
	var keys api.JWKSet
	if err := json.Unmarshal(s.Keys(), &keys); err != nil {
		return nil, fmt.Errorf("read the public keys: %w", err)
	}
	return api.GetKeys200JSONResponse{Body: keys, Headers: api.GetKeys200ResponseHeaders{CacheControl: &keysCacheControl}}, nil
}
