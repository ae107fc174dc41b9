package client

import (
	"context"
	"net/http"

	"github.com/oapi-codegen/nullable"

	"example.com/postern/api/client/wire"
)

// SignUp creates an account. If the address is taken, the error is ProblemCodeEmailTaken. A second call after a lost answer
// may return it too. If the password is easily guessed, the error is ProblemCodeValidation with the field "/password". A
// server with POSTERN_SIGNUP=verified sends a mail instead, whether the address is taken or not. The error is then
// ErrMailSent.
func (a *API) SignUp(ctx context.Context, email, password string) (*Account, error) {
	resp, err := a.raw.CreateUser(ctx, wire.Registration{Email: email, Password: password})
	if err == nil && resp.StatusCode == http.StatusAccepted {
		if err := noContent(resp, err); err != nil {
			return nil, err
		}
		return nil, ErrMailSent
	}
	return decode[Account](resp, err)
}

// GetUser reads the public profile of a user. If there is none, the error is ProblemCodeUserNotFound.
func (a *API) GetUser(ctx context.Context, id ID) (*User, error) {
	return decode[User](a.raw.GetUser(ctx, id))
}

// Account reads the user's own account.
func (s *Session) Account(ctx context.Context) (*Account, error) {
	return decode[Account](s.raw.GetCurrentUser(ctx))
}

// SetName changes the display name, 1 to 100 characters. An empty name removes it.
func (s *Session) SetName(ctx context.Context, name string) (*Account, error) {
	patch := wire.AccountPatch{Name: nullable.NewNullNullable[string]()}
	if name != "" {
		patch.Name.Set(name)
	}
	return decode[Account](s.raw.UpdateCurrentUser(ctx, patch))
}

// ChangePassword replaces the password and ends all other sessions. If the current password is wrong, the error is
// ProblemCodeInvalidCredentials.
func (s *Session) ChangePassword(ctx context.Context, current, replacement string) error {
	return noContent(s.raw.ChangePassword(ctx, wire.PasswordChange{CurrentPassword: current, NewPassword: replacement}))
}

// DeleteAccount deletes the account, its posts, votes and sessions. If the user logged in more than 10 minutes ago, the error is
// ProblemCodeReauthenticationRequired: log in again first.
func (s *Session) DeleteAccount(ctx context.Context) error {
	if err := noContent(s.raw.DeleteCurrentUser(ctx)); err != nil {
		return err
	}
	s.become(Tokens{}, ErrSessionEnded)
	return nil
}

// ListSessions reads the live sessions of the user, the newest first. There are at most 100.
func (s *Session) ListSessions(ctx context.Context) ([]SessionInfo, error) {
	sessions, err := decode[[]SessionInfo](s.raw.ListSessions(ctx))
	if err != nil {
		return nil, err
	}
	return *sessions, nil
}

// EndSession ends one of the user's sessions, which may be this one. If there is none, the error is ProblemCodeSessionNotFound.
func (s *Session) EndSession(ctx context.Context, id SessionID) error {
	return noContent(s.raw.EndSession(ctx, id))
}

// EndOtherSessions ends all of the user's sessions except this one.
func (s *Session) EndOtherSessions(ctx context.Context) error {
	return noContent(s.raw.EndOtherSessions(ctx))
}
