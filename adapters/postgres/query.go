package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	db "example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// change runs a query that writes, and returns its result.
func change[P, R any](
	ctx context.Context, a access, query func(*db.Queries, context.Context, P) (R, error), params P,
) (result R, err error) {
	err = a.write(ctx, func(ctx context.Context, q *db.Queries) (err error) {
		result, err = query(q, ctx, params)
		return err
	})
	if err != nil {
		var none R
		return none, err
	}
	return result, nil
}

// sweep runs a query that deletes rows, and returns their number.
func sweep[P any](
	ctx context.Context, a access, query func(*db.Queries, context.Context, P) (int64, error), params P,
) (int, error) {
	n, err := change(ctx, a, query, params)
	return int(n), err
}

// get is fetch for a query without parameters.
func get[R any](ctx context.Context, a access, query func(*db.Queries, context.Context) (R, error)) (R, error) {
	return fetch(ctx, a, func(q *db.Queries, ctx context.Context, _ struct{}) (R, error) { return query(q, ctx) }, struct{}{})
}

// unavailable returns [domain.ErrStoreUnavailable], wrapped with the reason.
func unavailable(reason string) error {
	return fmt.Errorf("%w: %s", domain.ErrStoreUnavailable, reason)
}

// isResult reports whether err is a result of statements that ran, such as a missing row, and not a failure. After a failure
// the database may have rolled back the whole transaction. pgx.ErrNoRows is an sql.ErrNoRows too.
func isResult(err error) bool {
	_, named := errors.AsType[*domain.Error](err)
	return err == nil || named || errors.Is(err, sql.ErrNoRows)
}

// orNotFound returns notFound if a query found no row, and otherwise err.
func orNotFound(err error, notFound *domain.Error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return notFound
	}
	return err
}

// requireRow returns notFound if a write that did not fail changed no row.
func requireRow(n int64, err error, notFound *domain.Error) error {
	if err == nil && n == 0 {
		return notFound
	}
	return err
}

// safeError is an error with another text, which may be logged: it contains no secret, address or path.
type safeError struct {
	text  string
	cause error
}

func (e *safeError) Error() string { return e.text }

func (e *safeError) Unwrap() error { return e.cause }

// sleep waits for d. If ctx ends first, it returns its error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// quoted returns names as SQL identifiers, separated by commas.
func quoted(names ...string) string {
	return `"` + strings.Join(names, `", "`) + `"`
}
