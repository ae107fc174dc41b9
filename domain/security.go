package domain

import "context"

// SecurityEvent is something that whoever watches over accounts wants to know.
type SecurityEvent struct {
	Name      SecurityEventName
	UserID    UserID    // 0 if there is no such account
	SessionID SessionID // empty if no session is concerned
}

// SecurityEventName is a stable name, which alerts may be built on.
type SecurityEventName string

// The events.
const (
	EventLoginSucceeded  SecurityEventName = "login_succeeded"
	EventLoginFailed     SecurityEventName = "login_failed"
	EventLoginThrottled  SecurityEventName = "login_throttled"
	EventRefreshReused   SecurityEventName = "refresh_reused"
	EventSessionEnded    SecurityEventName = "session_ended"
	EventPasswordChanged SecurityEventName = "password_changed"
	EventAccountDeleted  SecurityEventName = "account_deleted"
)

// SecurityLog keeps security events. Record does not fail and does not wait; what else is known of the request (its
// identifier, the client's address) is in ctx.
type SecurityLog interface {
	Record(ctx context.Context, e SecurityEvent)
}
