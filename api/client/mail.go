package client

import (
	"context"
	"errors"

	"example.com/postern/api/client/wire"
)

// ErrMailSent means that SignUp has created no account yet: the server has sent a mail whose link creates it.
var ErrMailSent = errors.New("client: the account exists once the link in the mail is used")

// RequestPasswordReset asks for a mail with a link to set a new password. It succeeds for every address: the answer does not
// show who has an account. After too many requests, the error is ProblemCodeQuotaExceeded with RetryAfter.
func (a *API) RequestPasswordReset(ctx context.Context, email string) error {
	return noContent(a.raw.RequestPasswordReset(ctx, wire.PasswordResetRequest{Email: email}))
}

// ResetPassword sets a new password with the token from the link in a mail, and ends all sessions. If the token was used,
// was replaced by a newer mail, or is older than 30 minutes, the error is ProblemCodeInvalidEmailToken. If the password is
// easily guessed, the error is ProblemCodeValidation with the field "/new_password", and the token can be used again.
func (a *API) ResetPassword(ctx context.Context, token, password string) error {
	return noContent(a.raw.CompletePasswordReset(ctx, wire.PasswordReset{Token: token, NewPassword: password}))
}

// ConfirmEmail confirms an address with the token from the link in a mail. The address belongs to an account, a sign-up or a
// change of address. If the token is no longer valid, the error is ProblemCodeInvalidEmailToken. If another account has got
// the address meanwhile, the error is ProblemCodeEmailTaken.
func (a *API) ConfirmEmail(ctx context.Context, token string) error {
	return noContent(a.raw.CompleteEmailVerification(ctx, wire.EmailVerification{Token: token}))
}

// RequestConfirmation asks for a mail with a link that confirms the address of the user. If the address is confirmed
// already, no mail is sent.
func (s *Session) RequestConfirmation(ctx context.Context) error {
	return noContent(s.raw.RequestEmailVerification(ctx))
}

// ChangeEmail asks for a mail to a new address with a link that confirms it. The account has the new address once the link
// is used. If the password is wrong, the error is ProblemCodeInvalidCredentials. A taken address is not an error: only the
// mail says that it is taken.
func (s *Session) ChangeEmail(ctx context.Context, password, email string) error {
	return noContent(s.raw.ChangeEmail(ctx, wire.EmailChange{CurrentPassword: password, Email: email}))
}
