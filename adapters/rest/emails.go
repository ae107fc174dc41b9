package rest

import (
	"context"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// RequestPasswordReset implements POST /password-resets.
func (s *server) RequestPasswordReset(ctx context.Context, state *requestState, r api.RequestPasswordResetRequestObject) (api.RequestPasswordResetResponseObject, error) {
	if err := s.Emails.RequestReset(ctx, domain.ResetRequest{Email: r.Body.Email, Client: state.client}); err != nil {
		return nil, err
	}
	return api.RequestPasswordReset202Response{}, nil
}

// CompletePasswordReset implements POST /password-resets/complete.
func (s *server) CompletePasswordReset(ctx context.Context, state *requestState, r api.CompletePasswordResetRequestObject) (api.CompletePasswordResetResponseObject, error) {
	err := s.Emails.CompleteReset(ctx, domain.ResetCompletion{
		Token:  r.Body.Token,
		New:    domain.NewPassword(r.Body.NewPassword),
		Client: state.client,
	})
	if err != nil {
		return nil, err
	}
	return api.CompletePasswordReset204Response{}, nil
}

// RequestEmailVerification implements POST /users/me/email-verification.
func (s *server) RequestEmailVerification(ctx context.Context, state *requestState, _ api.RequestEmailVerificationRequestObject) (api.RequestEmailVerificationResponseObject, error) {
	if err := s.Emails.RequestConfirmation(ctx, state.caller, state.client); err != nil {
		return nil, err
	}
	return api.RequestEmailVerification202Response{}, nil
}

// CompleteEmailVerification implements POST /email-verifications/complete.
func (s *server) CompleteEmailVerification(ctx context.Context, state *requestState, r api.CompleteEmailVerificationRequestObject) (api.CompleteEmailVerificationResponseObject, error) {
	if err := s.Emails.CompleteVerification(ctx, r.Body.Token, state.client); err != nil {
		return nil, err
	}
	return api.CompleteEmailVerification204Response{}, nil
}

// ChangeEmail implements PUT /users/me/email.
func (s *server) ChangeEmail(ctx context.Context, state *requestState, r api.ChangeEmailRequestObject) (api.ChangeEmailResponseObject, error) {
	err := s.Emails.ChangeEmail(ctx, state.caller, domain.EmailChange{
		Email:   r.Body.Email,
		Current: domain.NewPassword(r.Body.CurrentPassword),
		Client:  state.client,
	})
	if err != nil {
		return nil, err
	}
	return api.ChangeEmail202Response{}, nil
}
