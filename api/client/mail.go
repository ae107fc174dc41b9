package client

import (
	"context"
	"errors"

	"example.com/postern/api/client/wire"
)

// ErrMailSent means that SignUp has created no account yet: the server has sent a mail whose link creates it.
var ErrMailSent = errors.New("client: the account exists once the link in the mail is used")

// RequestPasswordReset asks for a mail with a link to set a new password. It succeeds for every address: the answer does not show
// who has an account. Too many requests are ProblemCodeQuotaExceeded with RetryAfter.
func (a *API) RequestPasswordReset(ctx context.Context, email string) error {
	return noContent(a.raw.RequestPasswordReset(ctx, wire.PasswordResetRequest{Email: email}))
}

// ResetPassword sets a new password with the token from the link in a mail, and ends all sessions. A token that was used, replaced
// by a newer mail, or is older than 30 minutes is ProblemCodeInvalidEmailToken. After a password that is easily guessed
// (ProblemCodeValidation with the field "/new_password"), the token can be used again.
func (a *API) ResetPassword(ctx context.Context, token, password string) error {
	return noContent(a.raw.CompletePasswordReset(ctx, wire.PasswordReset{Token: token, NewPassword: password}))
}

// ConfirmEmail confirms the address of an account, of a sign-up or of a change of address, with the token from the link in a mail.
// A token that is not valid any more is ProblemCodeInvalidEmailToken. If another account was given the address meanwhile, the error
// is ProblemCodeEmailTaken.
func (a *API) ConfirmEmail(ctx context.Context, token string) error {
	return noContent(a.raw.CompleteEmailVerification(ctx, wire.EmailVerification{Token: token}))
}

// RequestConfirmation asks for a mail with a link that confirms the address of the user. If it is confirmed, no mail is sent.
func (s *Session) RequestConfirmation(ctx context.Context) error {
	return noContent(s.raw.RequestEmailVerification(ctx))
}

// ChangeEmail asks for a mail to a new address with a link that confirms it. The account has the new address once the link is used.
// A wrong password is ProblemCodeInvalidCredentials. A taken address is no error: the mail says so.
func (s *Session) ChangeEmail(ctx context.Context, password, email string) error {
	return noContent(s.raw.ChangeEmail(ctx, wire.EmailChange{CurrentPassword: password, Email: email}))
}
