package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// The SQLSTATEs that the store handles (https://www.postgresql.org/docs/current/errcodes-appendix.html).
const (
	protocolViolation          = "08P01"
	valueOutOfRange            = "22003"
	sequenceAtItsEnd           = "2200H"
	readOnlyTransaction        = "25006"
	idleInTransactionTimeout   = "25P03"
	uniqueViolation            = "23505"
	invalidStatementName       = "26000"
	serializationFailure       = "40001"
	statementOutcomeUnknown    = "40003"
	deadlockDetected           = "40P01"
	undefinedTable             = "42P01"
	duplicatePreparedStatement = "42P05"
	lockNotAvailable           = "55P03"
	queryCanceled              = "57014"
)

// sqlState returns the SQLSTATE of an error from the server, or "".
func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// isTransient reports whether the same statement may succeed later: after lost or refused connections (08, 57P),
// exhausted resources (53) and system errors (58).
func isTransient(state string) bool {
	if len(state) != 5 {
		return false
	}
	switch state[:2] {
	case "08", "53", "58":
		return true
	}
	return state[:3] == "57P" || state == idleInTransactionTimeout
}

// isInterrupted reports whether the caller's context or a time limit interrupted a statement.
func isInterrupted(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || sqlState(err) == queryCanceled
}
