package domain

import (
	"context"
	"fmt"
	"time"
)

// Tokens is what a login and a refresh give.
type Tokens struct {
	UserID    UserID        // whom they speak for
	Access    string        // a bearer token (RFC 6750)
	ExpiresIn time.Duration // how long Access is good for
	Refresh   string        // what the next Access is to be had for (RFC 6749, section 1.5)
}

// Claims is what an access token says, apart from its issuer and audience, which are the token service's own.
type Claims struct {
	UserID    UserID
	SessionID SessionID
	Epoch     string    // the ID of the store's epoch; empty in tokens that were made before there were epochs
	IssuedAt  time.Time // whole seconds
	ExpiresAt time.Time // whole seconds
}

// MaxTokenLife is the hard maximum of an access token's life. Longer ones are neither issued nor accepted.
const MaxTokenLife = time.Hour

// TokenService makes and checks access tokens.
type TokenService interface {
	// Issue returns a signed token with an identifier (jti) of its own.
	Issue(ctx context.Context, c Claims) (string, error)

	// Verify returns what a token says if it was signed by us and is good at now, or [ErrBadToken], wrapped with the
	// reason. The reason holds no part of the token.
	Verify(ctx context.Context, token string, now time.Time) (Claims, error)
}

// RefreshToken is what a refresh token says.
type RefreshToken struct {
	KeyID     string // of the session's refresh key
	Epoch     string // the ID of the store's epoch; empty in tokens of the first one, which older instances can read too
	SessionID SessionID
	N         int64 // how often the session had been refreshed before
}

// RefreshTokens makes and checks refresh tokens. They are derived from what is known of a session and a key that is not in
// the store, so they need not be kept, and whoever reads the store cannot make one.
type RefreshTokens interface {
	// RefreshKeyID names the key for new sessions.
	RefreshKeyID() string

	// MintRefresh returns the text of a refresh token, always the same for the same token, or an error if the key is gone.
	MintRefresh(t RefreshToken) (string, error)

	// ParseRefresh returns what MintRefresh was given. An error means that the text is not one of our tokens. A token that is ours
	// says nothing about the state of its session.
	ParseRefresh(text string) (RefreshToken, error)
}

// issue returns a session's newest refresh token and a fresh access token, which the session outlives. The epoch and now are the
// store's: the epoch from the transaction that opened or refreshed the session.
func (s *Auth) issue(ctx context.Context, of Session, epoch Epoch, now time.Time) (Tokens, error) {
	token := RefreshToken{KeyID: of.RefreshKeyID, Epoch: epoch.ID, SessionID: of.ID, N: of.RefreshCount}
	if epoch.First {
		token.Epoch = ""
	}
	refresh, err := s.options.Refresh.MintRefresh(token)
	if err != nil {
		return Tokens{}, fmt.Errorf("mint a refresh token: %w", err)
	}
	life := min(s.options.TokenLife, of.ExpiresAt.Sub(now).Truncate(time.Second))
	issued := s.options.Revocations.Now().Truncate(time.Second)
	claims := Claims{UserID: of.UserID, SessionID: of.ID, Epoch: epoch.ID, IssuedAt: issued, ExpiresAt: issued.Add(life)}
	access, err := s.options.Tokens.Issue(ctx, claims)
	if err != nil {
		return Tokens{}, fmt.Errorf("issue an access token: %w", err)
	}
	return Tokens{UserID: of.UserID, Access: access, ExpiresIn: life, Refresh: refresh}, nil
}
