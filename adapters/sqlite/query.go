// Code generated from adapters/postgres/query.go by make generate. DO NOT EDIT.

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	db "example.com/postern/adapters/sqlite/internal/litedb"
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

// quoted returns names as SQL identifiers, separated by commas.
func quoted(names ...string) string {
	return `"` + strings.Join(names, `", "`) + `"`
}
