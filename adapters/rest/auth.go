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
func (s *server) Login(ctx context.Context, state *requestState, r api.LoginRequestObject) (api.LoginResponseObject, error) {
	tokens, err := s.Auth.Login(ctx, domain.Credentials{
		Email:    r.Body.Username,
		Password: domain.NewPassword(r.Body.Password),
		Client:   state.client,
	})
	if err != nil {
		return nil, err
	}
	return api.Login200JSONResponse{Body: newToken(state, tokens)}, nil
}

// CreateToken implements POST /token (RFC 6749, section 3.2).
func (s *server) CreateToken(
	ctx context.Context, state *requestState, r api.CreateTokenRequestObject,
) (api.CreateTokenResponseObject, error) {
	tokens, err := s.grant(ctx, state, r.Body)
	if err != nil {
		return nil, err
	}
	return api.CreateToken200JSONResponse{Body: newToken(state, tokens)}, nil
}

func (s *server) grant(ctx context.Context, state *requestState, form *api.TokenForm) (domain.Tokens, error) {
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
		Client:   state.client,
	})
}

type member struct {
	name  string
	value *string
}

// requireMembers returns an error that names the missing members. It checks members that only some values of another member
// require. The schema language cannot express this.
func requireMembers(members ...member) error {
	var missing []domain.FieldError
	for _, m := range members {
		if m.value == nil {
			missing = append(missing, domain.FieldError{Field: m.name, Code: "required", Message: "is required"})
		}
	}
	return domain.Invalid(missing...)
}

func newToken(state *requestState, t domain.Tokens) api.Token {
	state.caller.UserID = t.UserID
	return api.Token{
		AccessToken:  t.Access,
		TokenType:    api.TokenTypeBearer,
		ExpiresIn:    int32(t.ExpiresIn.Seconds()),
		RefreshToken: t.Refresh,
	}
}

// Logout implements POST /logout. It succeeds if the session has ended already.
func (s *server) Logout(ctx context.Context, state *requestState, r api.LogoutRequestObject) (api.LogoutResponseObject, error) {
	if r.Body != nil && r.Body.RefreshToken != nil {
		if err := s.Sessions.LogOut(ctx, *r.Body.RefreshToken); err != nil {
			return nil, err
		}
	}
	if caller := state.caller; caller.UserID != 0 {
		if err := s.Sessions.End(ctx, caller, caller.SessionID); err != nil && !errors.Is(err, domain.ErrSessionNotFound) {
			return nil, err
		}
	}
	return api.Logout204Response{}, nil
}

// keysCacheControl lets caches keep the public keys. The time is shorter than a new key waits before it is used to sign.
const keysCacheControl = "public, max-age=30"

// GetKeys implements GET /.well-known/jwks.json.
func (s *server) GetKeys(context.Context, *requestState, api.GetKeysRequestObject) (api.GetKeysResponseObject, error) {
	var keys api.JWKSet
	if err := json.Unmarshal(s.Keys(), &keys); err != nil {
		return nil, fmt.Errorf("read the public keys: %w", err)
	}
	return api.GetKeys200JSONResponse{Body: keys, Headers: api.GetKeys200ResponseHeaders{CacheControl: keysCacheControl}}, nil
}
