package domain

import "context"

// EmailService resets passwords, and confirms and changes e-mail addresses, by links in mails.
//
// Whether an address has an account changes neither the error nor the work of a method. The methods that cause a mail are
// throttled per kind of mail and address, and per client. Beyond a limit they return an error of kind [ErrTooMany].
type EmailService interface {
	// RequestReset has a mail sent with a link to set a new password, if an account has the address. It returns an error of
	// kind [ErrInvalid] for a malformed address.
	RequestReset(ctx context.Context, in ResetRequest) error

	// CompleteReset atomically sets a new password, confirms the address, voids the e-mail tokens of the account, and ends
	// all its sessions. It returns [ErrBadEmailToken], or an error of kind [ErrInvalid], after which the token is still
	// valid.
	CompleteReset(ctx context.Context, in ResetCompletion) error

	// RequestAccount has a mail sent with a link that creates an account, or with a notice if the address has one. It
	// returns an error of kind [ErrInvalid] that names every invalid field. POSTERN_SIGNUP=verified uses it instead of
	// [AuthService.Register].
	RequestAccount(ctx context.Context, in Registration) error

	// RequestConfirmation has a mail sent with a link that confirms the caller's address. It does nothing if it is confirmed.
	RequestConfirmation(ctx context.Context, caller Caller, client Client) error

	// ChangeEmail has a mail sent to a new address with a link that confirms it, and a notice sent to the present one. It returns
	// [ErrInvalidCredentials] if the password is wrong, or [ErrBadToken], wrapped, if the session has ended.
	ChangeEmail(ctx context.Context, caller Caller, in EmailChange) error

	// CompleteVerification takes the token of a link and does what it was requested for. RequestConfirmation: the account's
	// address is confirmed. RequestAccount: the account is created. ChangeEmail: the address is changed, and the account's
	// other sessions end. It returns [ErrBadEmailToken], or [ErrEmailTaken] if another account was given the address
	// meanwhile.
	CompleteVerification(ctx context.Context, token string, client Client) error
}

// ResetRequest is the input of [EmailService.RequestReset].
type ResetRequest struct {
	Email  string
	Client Client
}

// ResetCompletion is the input of [EmailService.CompleteReset].
type ResetCompletion struct {
	Token  string
	New    Password
	Client Client
}

// EmailChange is the input of [EmailService.ChangeEmail].
type EmailChange struct {
	Email   string
	Current Password
	Client  Client
}
