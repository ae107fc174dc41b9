package domain

import (
	"context"
	"fmt"
	"time"
)

// Tokens is the result of a login or a refresh.
type Tokens struct {
	UserID    UserID
	Access    string        // a bearer token (RFC 6750)
	ExpiresIn time.Duration // the remaining lifetime of Access
	Refresh   string        // the refresh token for the next Access (RFC 6749, section 1.5)
}

// Claims is the content of an access token. The token service adds the issuer and the audience.
type Claims struct {
	UserID    UserID
	SessionID SessionID
	Epoch     string    // [Epoch.ID]; empty in tokens from before epochs existed
	IssuedAt  time.Time // whole seconds
	ExpiresAt time.Time // whole seconds
}

// MaxTokenLife is the maximum lifetime of an access token. Longer ones are neither issued nor accepted.
const MaxTokenLife = time.Hour

// TokenService issues and verifies access tokens.
type TokenService interface {
	// Issue returns a signed token with a unique identifier (jti).
	Issue(ctx context.Context, c Claims) (string, error)

	// Verify returns the content of a token that this service signed and that is valid at now. Otherwise it returns
	// [ErrBadToken], wrapped with a reason that contains no part of the token.
	Verify(ctx context.Context, token string, now time.Time) (Claims, error)
}

// RefreshToken is the content of a refresh token.
type RefreshToken struct {
	KeyID     string // the session's refresh key
	Epoch     string // [Epoch.ID]; empty for the first epoch, so that older instances can read the token
	SessionID SessionID
	N         int64 // how often the session had been refreshed before
}

// RefreshTokens makes and reads refresh tokens. They are derived from the session and a key that is not in the store. So
// they need not be stored, and reading the store is not enough to make one.
type RefreshTokens interface {
	// RefreshKeyID names the key for new sessions.
	RefreshKeyID() string

	// MintRefresh returns the text of a refresh token. The same token always has the same text. It fails if the key is gone.
	MintRefresh(t RefreshToken) (string, error)

	// ParseRefresh returns the token that MintRefresh was given, or an error for a text that MintRefresh did not return. A
	// valid token says nothing about the state of its session.
	ParseRefresh(text string) (RefreshToken, error)
}

// issue returns the newest refresh token of a session and a new access token, which does not outlive the session. The epoch
// is the one of the transaction that opened or refreshed the session; now is the store's time.
func (s *Auth) issue(ctx context.Context, session Session, epoch Epoch, now time.Time) (Tokens, error) {
	token := RefreshToken{KeyID: session.RefreshKeyID, Epoch: epoch.ID, SessionID: session.ID, N: session.RefreshCount}
	if epoch.First {
		token.Epoch = ""
	}
	refresh, err := s.options.Refresh.MintRefresh(token)
	if err != nil {
		return Tokens{}, fmt.Errorf("mint a refresh token: %w", err)
	}
	life := min(s.options.TokenLife, session.ExpiresAt.Sub(now).Truncate(time.Second))
	issued := s.options.Revocations.Now().Truncate(time.Second)
	claims := Claims{UserID: session.UserID, SessionID: session.ID, Epoch: epoch.ID, IssuedAt: issued, ExpiresAt: issued.Add(life)}
	access, err := s.options.Tokens.Issue(ctx, claims)
	if err != nil {
		return Tokens{}, fmt.Errorf("issue an access token: %w", err)
	}
	return Tokens{UserID: session.UserID, Access: access, ExpiresIn: life, Refresh: refresh}, nil
}
