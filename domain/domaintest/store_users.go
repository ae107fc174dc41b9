package domaintest

import (
	"context"
	"time"

	"example.com/postern/domain"
)

type users struct{ access }

func (r users) Insert(ctx context.Context, u domain.NewUser) (user domain.User, err error) {
	err = r.write(ctx, func(t *tables) error {
		if _, taken := t.byEmail[u.Email.Key()]; taken {
			return domain.ErrEmailTaken
		}
		t.lastUser++
		user = domain.User{ID: t.lastUser, Email: u.Email, CreatedAt: u.CreatedAt, EmailVerifiedAt: clone(u.EmailVerifiedAt)}
		t.users[user.ID] = userRow{User: user, passwordHash: u.PasswordHash}
		t.byEmail[u.Email.Key()] = user.ID
		return nil
	})
	return user, err
}

func (r users) ByID(ctx context.Context, id domain.UserID) (user domain.User, err error) {
	err = r.read(ctx, func(t *tables) error {
		row, found := t.users[id]
		if !found {
			return domain.ErrUserNotFound
		}
		user = row.User
		user.Name = clone(user.Name)
		return nil
	})
	return user, err
}

func (r users) Credential(ctx context.Context, e domain.Email) (credential domain.Credential, err error) {
	err = r.read(ctx, func(t *tables) error {
		row, found := t.users[t.byEmail[e.Key()]]
		if !found {
			return domain.ErrUserNotFound
		}
		credential = domain.Credential{UserID: row.ID, PasswordHash: row.passwordHash, Suspended: row.suspended}
		return nil
	})
	return credential, err
}

func (r users) CredentialByID(ctx context.Context, id domain.UserID) (credential domain.Credential, err error) {
	err = r.read(ctx, func(t *tables) error {
		row, found := t.users[id]
		if !found {
			return domain.ErrUserNotFound
		}
		credential = domain.Credential{UserID: id, PasswordHash: row.passwordHash, Suspended: row.suspended}
		return nil
	})
	return credential, err
}

func (r users) UpdatePasswordHash(ctx context.Context, id domain.UserID, old, new string) (swapped bool, err error) {
	err = r.write(ctx, func(t *tables) error {
		row, found := t.users[id]
		if swapped = found && row.passwordHash == old; swapped {
			row.passwordHash = new
			t.users[id] = row
		}
		return nil
	})
	return swapped && err == nil, err
}

func (r users) SetSuspended(ctx context.Context, id domain.UserID, since *time.Time) error {
	return r.write(ctx, func(t *tables) error {
		row, found := t.users[id]
		if !found {
			return domain.ErrUserNotFound
		}
		row.suspended = since != nil
		t.users[id] = row
		return nil
	})
}

func (r users) Rename(ctx context.Context, id domain.UserID, name *string) (user domain.User, err error) {
	err = r.write(ctx, func(t *tables) error {
		row, found := t.users[id]
		if !found {
			return domain.ErrUserNotFound
		}
		row.Name = clone(name)
		t.users[id] = row
		user = row.User
		user.Name = clone(name)
		return nil
	})
	return user, err
}

func (r users) VerifyEmail(ctx context.Context, id domain.UserID, e domain.Email, at time.Time) (verified bool, err error) {
	err = r.write(ctx, func(t *tables) error {
		row, found := t.users[id]
		if verified = found && row.Email.Key() == e.Key(); verified && row.EmailVerifiedAt == nil {
			row.EmailVerifiedAt = &at
			t.users[id] = row
		}
		return nil
	})
	return verified && err == nil, err
}

func (r users) ChangeEmail(ctx context.Context, id domain.UserID, e domain.Email, at time.Time) error {
	return r.write(ctx, func(t *tables) error {
		row, found := t.users[id]
		if !found {
			return domain.ErrUserNotFound
		}
		if owner, taken := t.byEmail[e.Key()]; taken && owner != id {
			return domain.ErrEmailTaken
		}
		delete(t.byEmail, row.Email.Key())
		t.byEmail[e.Key()] = id
		row.Email, row.EmailVerifiedAt = e, &at
		t.users[id] = row
		return nil
	})
}

func (r users) Delete(ctx context.Context, id domain.UserID, _ time.Time) error {
	return r.write(ctx, func(t *tables) error {
		row, found := t.users[id]
		if !found {
			return domain.ErrUserNotFound
		}
		delete(t.users, id)
		delete(t.byEmail, row.Email.Key())
		t.deletedUsers[id] = struct{}{}
		for post, kept := range t.posts {
			if kept.OwnerID == id {
				delete(t.posts, post)
				t.deletedPosts[post] = struct{}{}
			}
		}
		return nil
	})
}
