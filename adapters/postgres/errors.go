package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/postern/domain"
)

// SQLSTATEs (https://www.postgresql.org/docs/current/errcodes-appendix.html) that something is decided by.
const (
	valueOutOfRange          = "22003"
	sequenceAtItsEnd         = "2200H"
	readOnlyTransaction      = "25006"
	idleInTransactionTimeout = "25P03"
	serializationFailure     = "40001"
	statementOutcomeUnknown  = "40003"
	deadlockDetected         = "40P01"
	undefinedTable           = "42P01"
	lockNotAvailable         = "55P03"
	queryCanceled            = "57014"
)

// unavailable returns [domain.ErrStoreUnavailable], wrapped with the reason.
func unavailable(reason string) error {
	return fmt.Errorf("%w: %s", domain.ErrStoreUnavailable, reason)
}

// sqlState returns the SQLSTATE of an error of the server's, or "".
func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// isTransient tells whether an error of this state says that the server could not do now what it may do later: lost or refused
// connections (08, 57P), resources that are used up (53), faults of the system below (58).
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

// isAnswer tells whether err is an answer rather than a fault: the statement was run.
func isAnswer(err error) bool {
	_, named := errors.AsType[*domain.Error](err)
	return err == nil || named || errors.Is(err, pgx.ErrNoRows)
}

// isCutShort tells whether err says that a context ended, be it the caller's or one that bounds a statement.
func isCutShort(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || sqlState(err) == queryCanceled
}
