package sqlite

import (
	"context"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

type users struct{ access }

func (r users) Insert(ctx context.Context, u domain.NewUser) (domain.User, error) {
	row := litedb.InsertUserParams{Email: u.Email, EmailKey: u.Email.Key(), PasswordHash: u.PasswordHash, CreatedAt: u.CreatedAt}
	var id domain.UserID
	err := r.write(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		id, err = q.InsertUser(ctx, row)
		return err
	})
	if err != nil {
		return domain.User{}, orNotFound(err, domain.ErrEmailTaken)
	}
	return domain.User{ID: id, Email: u.Email, CreatedAt: u.CreatedAt}, nil
}

func (r users) ByID(ctx context.Context, id domain.UserID) (domain.User, error) {
	var row litedb.UserByIDRow
	err := r.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		row, err = q.UserByID(context.WithoutCancel(ctx), id) // a third cheaper, and too short to be worth cancelling
		return err
	})
	return domain.User(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r users) Credential(ctx context.Context, e domain.Email) (domain.Credential, error) {
	var row litedb.CredentialByEmailKeyRow
	err := r.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		row, err = q.CredentialByEmailKey(context.WithoutCancel(ctx), e.Key())
		return err
	})
	return domain.Credential(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r users) UpdatePasswordHash(ctx context.Context, id domain.UserID, old, new string) (bool, error) {
	var n int64
	err := r.write(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		n, err = q.UpdatePasswordHash(ctx, litedb.UpdatePasswordHashParams{NewHash: new, ID: id, OldHash: old})
		return err
	})
	return err == nil && n == 1, err
}

func (r users) CredentialByID(ctx context.Context, id domain.UserID) (domain.Credential, error) {
	var row litedb.CredentialByIDRow
	err := r.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		row, err = q.CredentialByID(context.WithoutCancel(ctx), id)
		return err
	})
	return domain.Credential(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r users) Rename(ctx context.Context, id domain.UserID, name *string) (domain.User, error) {
	var row litedb.RenameUserRow
	err := r.write(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		row, err = q.RenameUser(ctx, litedb.RenameUserParams{Name: name, ID: id})
		return err
	})
	return domain.User(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r users) Delete(ctx context.Context, id domain.UserID, at time.Time) error {
	return r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		n, err := q.DeleteUser(ctx, litedb.DeleteUserParams{DeletedAt: &at, ID: id})
		if err == nil && n == 0 {
			return domain.ErrUserNotFound
		}
		return err
	})
}
