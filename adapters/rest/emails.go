package rest

import (
	"context"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// RequestPasswordReset implements POST /password-resets.
func (s *server) RequestPasswordReset(
	ctx context.Context, state *requestState, r api.RequestPasswordResetRequestObject,
) (api.RequestPasswordResetResponseObject, error) {
	return api.RequestPasswordReset202Response{}, s.Emails.RequestReset(ctx, domain.ResetRequest{
		Email:  r.Body.Email,
		Client: state.client,
	})
}

// CompletePasswordReset implements POST /password-resets/complete.
func (s *server) CompletePasswordReset(
	ctx context.Context, state *requestState, r api.CompletePasswordResetRequestObject,
) (api.CompletePasswordResetResponseObject, error) {
	return api.CompletePasswordReset204Response{}, s.Emails.CompleteReset(ctx, domain.ResetCompletion{
		Token:  r.Body.Token,
		New:    domain.NewPassword(r.Body.NewPassword),
		Client: state.client,
	})
}

// RequestEmailVerification implements POST /users/me/email-verification.
func (s *server) RequestEmailVerification(
	ctx context.Context, state *requestState, _ api.RequestEmailVerificationRequestObject,
) (api.RequestEmailVerificationResponseObject, error) {
	return api.RequestEmailVerification202Response{}, s.Emails.RequestConfirmation(ctx, state.caller, state.client)
}

// CompleteEmailVerification implements POST /email-verifications/complete.
func (s *server) CompleteEmailVerification(
	ctx context.Context, state *requestState, r api.CompleteEmailVerificationRequestObject,
) (api.CompleteEmailVerificationResponseObject, error) {
	return api.CompleteEmailVerification204Response{}, s.Emails.CompleteVerification(ctx, r.Body.Token, state.client)
}

// ChangeEmail implements PUT /users/me/email.
func (s *server) ChangeEmail(
	ctx context.Context, state *requestState, r api.ChangeEmailRequestObject,
) (api.ChangeEmailResponseObject, error) {
	return api.ChangeEmail202Response{}, s.Emails.ChangeEmail(ctx, state.caller, domain.EmailChange{
		Email:   r.Body.Email,
		Current: domain.NewPassword(r.Body.CurrentPassword),
		Client:  state.client,
	})
}
