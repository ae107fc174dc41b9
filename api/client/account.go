package client

import (
	"context"
	"net/http"

	"github.com/oapi-codegen/nullable"
)

// SignUp makes an account. A taken address is ProblemCodeEmailTaken, which is also what comes of trying again after a lost
// answer; a password that is easily guessed is ProblemCodeValidation with the field "/password".
func (a *API) SignUp(ctx context.Context, email, password string) (*Account, error) {
	r, err := a.raw.CreateUserWithResponse(ctx, Registration{Email: email, Password: password})
	if err != nil {
		return nil, err
	}
	if r.JSON201 == nil {
		return nil, problemOf(r.HTTPResponse, r.Body)
	}
	return r.JSON201, nil
}

// GetUser reads what everyone may know of a user, or fails with ProblemCodeUserNotFound.
func (a *API) GetUser(ctx context.Context, id ID) (*User, error) {
	r, err := a.raw.GetUserWithResponse(ctx, id)
	if err != nil {
		return nil, err
	}
	if r.JSON200 == nil {
		return nil, problemOf(r.HTTPResponse, r.Body)
	}
	return r.JSON200, nil
}

// Account reads the user's own account.
func (s *Session) Account(ctx context.Context) (*Account, error) {
	r, err := s.raw.GetCurrentUserWithResponse(ctx)
	if err != nil {
		return nil, err
	}
	if r.JSON200 == nil {
		return nil, problemOf(r.HTTPResponse, r.Body)
	}
	return r.JSON200, nil
}

// SetName changes the name that the user goes by, 1 to 100 characters; empty for none.
func (s *Session) SetName(ctx context.Context, name string) (*Account, error) {
	patch := AccountPatch{Name: nullable.NewNullNullable[string]()}
	if name != "" {
		patch.Name.Set(name)
	}
	r, err := s.raw.UpdateCurrentUserWithResponse(ctx, patch)
	if err != nil {
		return nil, err
	}
	if r.JSON200 == nil {
		return nil, problemOf(r.HTTPResponse, r.Body)
	}
	return r.JSON200, nil
}

// ChangePassword replaces the password and ends all other sessions. A wrong current one is ProblemCodeInvalidCredentials.
func (s *Session) ChangePassword(ctx context.Context, current, replacement string) error {
	r, err := s.raw.ChangePasswordWithResponse(ctx, PasswordChange{CurrentPassword: current, NewPassword: replacement})
	if err != nil {
		return err
	}
	return noContent(r.HTTPResponse, r.Body)
}

// DeleteAccount removes the account, its posts, votes and sessions for good. If the session began more than 10 minutes ago it
// fails with ProblemCodeReauthenticationRequired: log in again first.
func (s *Session) DeleteAccount(ctx context.Context) error {
	r, err := s.raw.DeleteCurrentUserWithResponse(ctx)
	if err != nil {
		return err
	}
	if err := noContent(r.HTTPResponse, r.Body); err != nil {
		return err
	}
	s.become(Tokens{}, ErrSessionEnded)
	return nil
}

// ListSessions reads where the user is logged in, the newest session first; at most 100.
func (s *Session) ListSessions(ctx context.Context) ([]SessionInfo, error) {
	r, err := s.raw.ListSessionsWithResponse(ctx)
	if err != nil {
		return nil, err
	}
	if r.JSON200 == nil {
		return nil, problemOf(r.HTTPResponse, r.Body)
	}
	return *r.JSON200, nil
}

// EndSession ends one of the user's sessions, which may be this one, or fails with ProblemCodeSessionNotFound.
func (s *Session) EndSession(ctx context.Context, id SessionID) error {
	call := &call{}
	r, err := s.raw.EndSessionWithResponse(withCall(ctx, call), id)
	if err != nil {
		return err
	}
	return gone(call, r.HTTPResponse, r.Body)
}

// EndOtherSessions ends all of the user's sessions but this one.
func (s *Session) EndOtherSessions(ctx context.Context) error {
	r, err := s.raw.EndOtherSessionsWithResponse(ctx)
	if err != nil {
		return err
	}
	return noContent(r.HTTPResponse, r.Body)
}

// noContent returns the answer's problem, unless it is the 204 that was asked for.
func noContent(resp *http.Response, body []byte) error {
	if resp.StatusCode == http.StatusNoContent {
		return nil
	}
	return problemOf(resp, body)
}

// gone is noContent for a deletion: what is not there after an attempt that may have succeeded was deleted by that.
func gone(call *call, resp *http.Response, body []byte) error {
	if call.repeated && resp.StatusCode == http.StatusNotFound {
		return nil
	}
	return noContent(resp, body)
}
