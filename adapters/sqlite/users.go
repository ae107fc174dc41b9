package sqlite

import (
	"context"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

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
	if code(err) == sqlite3.SQLITE_CONSTRAINT_UNIQUE {
		return domain.User{}, domain.ErrEmailTaken
	} else if err != nil {
		return domain.User{}, err
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

func (r users) Purge(ctx context.Context, limit int) (int, error) {
	return sweep(ctx, r, func(ctx context.Context, q *litedb.Queries) (int64, error) {
		var total int64
		for _, purge := range []func(context.Context, *litedb.Queries, int64) (int64, error){purgeVotes, purgePosts, purgeUsers} {
			n, err := purge(ctx, q, pageSize(limit-int(total)))
			if total += n; err != nil || total >= int64(limit) {
				return total, err
			}
		}
		return total, nil
	})
}

// purgeVotes takes what it removes from the counts.
func purgeVotes(ctx context.Context, q *litedb.Queries, limit int64) (int64, error) {
	posts, err := q.PurgeVotes(ctx, limit)
	if err != nil {
		return 0, err
	}
	for _, post := range posts {
		if err := q.AddToVotes(ctx, litedb.AddToVotesParams{Change: -1, ID: post}); err != nil {
			return 0, err
		}
	}
	return int64(len(posts)), nil
}

func purgePosts(ctx context.Context, q *litedb.Queries, limit int64) (int64, error) {
	posts, err := q.PurgePosts(ctx, limit)
	if err != nil {
		return 0, err
	}
	for _, post := range posts {
		if err := q.DeleteWords(ctx, post); err != nil {
			return 0, err
		}
	}
	return int64(len(posts)), nil
}

func purgeUsers(ctx context.Context, q *litedb.Queries, limit int64) (int64, error) {
	return q.PurgeUsers(ctx, limit)
}
