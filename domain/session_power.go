package domain

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ownSession returns the caller's session from inside the transaction of what it asks for, or [ErrBadToken], wrapped, if the
// session has ended or expired, or is another user's. What cannot be undone, or gives power, rests on the row, because this
// instance may not know yet that the session has ended.
func ownSession(ctx context.Context, tx Repositories, caller Caller, now time.Time) (Session, error) {
	session, err := tx.Sessions().ByID(ctx, caller.SessionID)
	if err != nil {
		return Session{}, badCaller(err)
	}
	if session.UserID != caller.UserID || !session.ExpiresAt.After(now) {
		return Session{}, badCaller(ErrSessionNotFound)
	}
	return session, nil
}

// badCaller turns the error that the caller's account or session is not there into what it means: the token is no longer good.
func badCaller(err error) error {
	if errors.Is(err, ErrUserNotFound) {
		return fmt.Errorf("%w: the account is gone", ErrBadToken)
	}
	if errors.Is(err, ErrSessionNotFound) {
		return fmt.Errorf("%w: the session has ended", ErrBadToken)
	}
	return err
}
