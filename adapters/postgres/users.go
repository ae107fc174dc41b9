package postgres

import (
	"context"
	"time"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

type users struct{ access }

func (r users) Insert(ctx context.Context, u domain.NewUser) (domain.User, error) {
	row := pgdb.InsertUserParams{Email: u.Email, EmailKey: u.Email.Key(), PasswordHash: u.PasswordHash, CreatedAt: u.CreatedAt}
	var id domain.UserID
	err := r.refusable(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		id, err = q.InsertUser(ctx, row)
		return err
	})
	if violates(err, "users_email_key") {
		return domain.User{}, domain.ErrEmailTaken
	} else if err != nil {
		return domain.User{}, err
	}
	return domain.User{ID: id, Email: u.Email, CreatedAt: u.CreatedAt}, nil
}

func (r users) ByID(ctx context.Context, id domain.UserID) (domain.User, error) {
	var row pgdb.UserByIDRow
	err := r.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		row, err = q.UserByID(ctx, id)
		return err
	})
	return domain.User(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r users) Credential(ctx context.Context, e domain.Email) (domain.Credential, error) {
	var row pgdb.CredentialByEmailKeyRow
	err := r.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		row, err = q.CredentialByEmailKey(ctx, e.Key())
		return err
	})
	return domain.Credential(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r users) UpdatePasswordHash(ctx context.Context, id domain.UserID, old, new string) (bool, error) {
	var n int64
	err := r.write(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		n, err = q.UpdatePasswordHash(ctx, pgdb.UpdatePasswordHashParams{NewHash: new, ID: id, OldHash: old})
		return err
	})
	return err == nil && n == 1, err
}

func (r users) CredentialByID(ctx context.Context, id domain.UserID) (domain.Credential, error) {
	var row pgdb.CredentialByIDRow
	err := r.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		row, err = q.CredentialByID(ctx, id)
		return err
	})
	return domain.Credential(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r users) Rename(ctx context.Context, id domain.UserID, name *string) (domain.User, error) {
	var row pgdb.RenameUserRow
	err := r.write(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		row, err = q.RenameUser(ctx, pgdb.RenameUserParams{Name: name, ID: id})
		return err
	})
	return domain.User(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r users) Delete(ctx context.Context, id domain.UserID, at time.Time) error {
	return r.write(ctx, func(ctx context.Context, q *pgdb.Queries) error {
		n, err := q.DeleteUser(ctx, pgdb.DeleteUserParams{DeletedAt: &at, ID: id})
		if err == nil && n == 0 {
			return domain.ErrUserNotFound
		}
		return err
	})
}
