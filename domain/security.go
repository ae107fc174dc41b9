package domain

import "context"

// SecurityEvent is an event that matters to the security of an account.
type SecurityEvent struct {
	Name      SecurityEventName
	UserID    UserID    // 0 if there is no such account
	SessionID SessionID // empty if it concerns no session
}

// SecurityEventName is a stable name that alerts can rely on.
type SecurityEventName string

// The names of events.
const (
	EventLoginSucceeded  SecurityEventName = "login_succeeded"
	EventLoginFailed     SecurityEventName = "login_failed"
	EventLoginThrottled  SecurityEventName = "login_throttled"
	EventRefreshReused   SecurityEventName = "refresh_reused"
	EventSessionEnded    SecurityEventName = "session_ended"
	EventPasswordChanged SecurityEventName = "password_changed"
	EventAccountDeleted  SecurityEventName = "account_deleted"

	EventLoginSuspended       SecurityEventName = "login_suspended" // the right password of a suspended account
	EventAccountSuspended     SecurityEventName = "account_suspended"
	EventAccountRestored      SecurityEventName = "account_restored"
	EventResetRequested       SecurityEventName = "password_reset_requested" // without a user: the account is not looked up
	EventPasswordReset        SecurityEventName = "password_reset"
	EventEmailConfirmed       SecurityEventName = "email_confirmed"
	EventEmailChangeRequested SecurityEventName = "email_change_requested"
	EventEmailChanged         SecurityEventName = "email_changed"
)

// SecurityEventNames lists the names of all events.
var SecurityEventNames = []SecurityEventName{
	EventLoginSucceeded, EventLoginFailed, EventLoginThrottled, EventRefreshReused, EventSessionEnded, EventPasswordChanged, EventAccountDeleted,
	EventLoginSuspended, EventAccountSuspended, EventAccountRestored,
	EventResetRequested, EventPasswordReset, EventEmailConfirmed, EventEmailChangeRequested, EventEmailChanged,
}

// SecurityLog records security events. Record neither fails nor blocks. The request's identifier and the client's address are
// in ctx.
type SecurityLog interface {
	Record(ctx context.Context, e SecurityEvent)
}
