// Code generated from adapters/postgres/users.go by make generate. DO NOT EDIT.

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	db "example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

// users implements [domain.UserRepository].
type users struct{ access }

func (r users) ByID(ctx context.Context, id domain.UserID) (domain.User, error) {
	row, err := fetch(ctx, r.access, (*db.Queries).UserByID, id)
	return domain.User(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r users) Credential(ctx context.Context, e domain.Email) (domain.Credential, error) {
	row, err := fetch(ctx, r.access, (*db.Queries).CredentialByEmailKey, e.Key())
	return domain.Credential(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r users) CredentialByID(ctx context.Context, id domain.UserID) (domain.Credential, error) {
	row, err := fetch(ctx, r.access, (*db.Queries).CredentialByID, id)
	return domain.Credential(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r users) Insert(ctx context.Context, u domain.NewUser) (domain.User, error) {
	row := db.InsertUserParams{Email: u.Email, EmailKey: u.Email.Key(), PasswordHash: u.PasswordHash, CreatedAt: u.CreatedAt,
		EmailVerifiedAt: u.EmailVerifiedAt}
	id, err := change(ctx, r.access, (*db.Queries).InsertUser, row)
	if errors.Is(err, sql.ErrNoRows) {
		err = r.emailTaken(ctx, row.EmailKey)
	}
	if err != nil {
		return domain.User{}, err
	}
	return domain.User{ID: id, Email: u.Email, CreatedAt: u.CreatedAt, EmailVerifiedAt: u.EmailVerifiedAt}, nil
}

func (r users) UpdatePasswordHash(ctx context.Context, id domain.UserID, old, new string) (bool, error) {
	n, err := change(ctx, r.access, (*db.Queries).UpdatePasswordHash, db.UpdatePasswordHashParams{NewHash: new, ID: id, OldHash: old})
	return n == 1, err
}

func (r users) SetSuspended(ctx context.Context, id domain.UserID, since *time.Time) error {
	n, err := change(ctx, r.access, (*db.Queries).SetSuspended, db.SetSuspendedParams{SuspendedAt: since, ID: id})
	return requireRow(n, err, domain.ErrUserNotFound)
}

func (r users) Rename(ctx context.Context, id domain.UserID, name *string) (domain.User, error) {
	row, err := change(ctx, r.access, (*db.Queries).RenameUser, db.RenameUserParams{Name: name, ID: id})
	return domain.User(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r users) VerifyEmail(ctx context.Context, id domain.UserID, e domain.Email, at time.Time) (bool, error) {
	n, err := change(ctx, r.access, (*db.Queries).VerifyEmail, db.VerifyEmailParams{VerifiedAt: at, ID: id, EmailKey: e.Key()})
	return n == 1, err
}

func (r users) ChangeEmail(ctx context.Context, id domain.UserID, e domain.Email, at time.Time) error {
	n, err := change(ctx, r.access, changeEmail, db.ChangeEmailParams{Email: e, EmailKey: e.Key(), VerifiedAt: &at, ID: id})
	if err != nil || n == 1 {
		return err
	}
	if _, err := r.Credential(ctx, e); err != nil {
		return err
	}
	return r.emailTaken(ctx, e.Key())
}

func (r users) Delete(ctx context.Context, id domain.UserID, at time.Time) error {
	n, err := change(ctx, r.access, (*db.Queries).DeleteUser, db.DeleteUserParams{DeletedAt: &at, ID: id})
	return requireRow(n, err, domain.ErrUserNotFound)
}

// Purge runs purgeSteps until one of them deletes rows, so that each call is one short write. The later steps run even if
// one fails.
func (r users) Purge(ctx context.Context, limit int) (int, error) {
	var failures error
	for _, step := range purgeSteps {
		n, err := step(ctx, r.access, limit)
		failures = errors.Join(failures, err)
		if n > 0 || ctx.Err() != nil {
			return n, failures
		}
	}
	return 0, failures
}

// purgeSteps delete, in this order, the rows of deleted accounts and posts. The votes of deleted accounts come first,
// because they are still counted. A post follows its votes, and an account comes last.
var purgeSteps = []purgeStep{
	purgeVotes,
	purgeBy((*db.Queries).PurgePostVotes),
	purgePosts,
	purgeBy((*db.Queries).MarkPostsOfDeletedUsers),
	purgeBy((*db.Queries).PurgeIdempotencyKeys),
	purgeBy((*db.Queries).PurgeUsers),
}

// purgeStep deletes at most limit rows, and returns their number.
type purgeStep func(ctx context.Context, a access, limit int) (int, error)

// purgeBy returns a purgeStep that runs a query.
func purgeBy[P int32 | int64](query func(*db.Queries, context.Context, P) (int64, error)) purgeStep {
	return func(ctx context.Context, a access, limit int) (int, error) {
		return sweep(ctx, a, query, P(pageSize(limit)))
	}
}
