package domain

import (
	"context"
	"time"

	"example.com/postern/domain/throttle"
)

// MaxID is the largest identifier a store gives out: 2^53-1, the largest integer that every JSON reader keeps exact
// (RFC 8259, section 6).
const MaxID = 1<<53 - 1

// UserID identifies a user. It is made by the store, from 1 to [MaxID], and never used again, not even after its user is
// deleted.
type UserID int64

// User is a person with an account. It holds no secret and may be logged; Email is for the owner's eyes only.
type User struct {
	ID        UserID
	Email     Email
	Name      *string // 1 to 100 characters, nil when unset; never derived from the e-mail address
	CreatedAt time.Time
}

// NewUser is a user about to be inserted.
type NewUser struct {
	Email        Email
	PasswordHash string
	CreatedAt    time.Time
}

// Credential is what a login is checked against.
type Credential struct {
	UserID       UserID
	PasswordHash string
}

// UserRepository keeps users. Two users never share an [Email.Key].
type UserRepository interface {
	// Insert adds a user and returns it with its new ID, or [ErrEmailTaken].
	Insert(ctx context.Context, u NewUser) (User, error)

	// ByID returns a user, or [ErrUserNotFound].
	ByID(ctx context.Context, id UserID) (User, error)

	// Credential returns the credential of the user whose e-mail address has the same [Email.Key], or [ErrUserNotFound].
	Credential(ctx context.Context, e Email) (Credential, error)

	// CredentialByID returns the credential of a user, or [ErrUserNotFound].
	CredentialByID(ctx context.Context, id UserID) (Credential, error)

	// UpdatePasswordHash replaces the user's password hash if it still is old, in one statement, and tells whether it did.
	UpdatePasswordHash(ctx context.Context, id UserID, old, new string) (bool, error)

	// Rename sets the user's name, nil for none, and returns the user, or [ErrUserNotFound].
	Rename(ctx context.Context, id UserID, name *string) (User, error)

	// Delete deletes the account, or returns [ErrUserNotFound]. From then on no method of any repository but Purge
	// and [SessionRepository.EndAll] knows of it, nor of its posts, and its e-mail address is free. Its rows go by and by
	// (see Purge).
	Delete(ctx context.Context, id UserID, at time.Time) error

	// Purge removes at most limit rows that deleted accounts and deleted posts left behind, and returns how many rows it worked on;
	// 0 when nothing is left. No row that it removes takes many others with it. The count of a post is lowered with the votes that
	// it loses. A step that fails keeps none after it from being made: Purge may return both rows and an error.
	Purge(ctx context.Context, limit int) (int, error)
}

// MaxName is how many characters a user's name has at most.
const MaxName = 100

// UserService reads and renames users.
type UserService interface {
	// Get returns a user, or [ErrUserNotFound].
	Get(ctx context.Context, id UserID) (User, error)

	// GetOwn returns the caller's user, or [ErrBadToken], wrapped, if the account was deleted.
	GetOwn(ctx context.Context, caller Caller) (User, error)

	// Rename sets the caller's name; nil removes it. It returns [ErrBadToken], wrapped, if the account was deleted, or an
	// error of kind [ErrInvalid] or [ErrTooMany].
	Rename(ctx context.Context, caller Caller, name *string) (User, error)
}

// Users implements [UserService] on a [Store].
type Users struct {
	store  Store
	writes *throttle.Limiter
}

// NewUsers returns a service on the store. The limiter may be nil.
func NewUsers(store Store, writes *throttle.Limiter) *Users { return &Users{store, writes} }

// Get implements [UserService].
func (s *Users) Get(ctx context.Context, id UserID) (User, error) {
	return s.store.Users().ByID(ctx, id)
}

// GetOwn implements [UserService].
func (s *Users) GetOwn(ctx context.Context, caller Caller) (User, error) {
	user, err := s.store.Users().ByID(ctx, caller.UserID)
	return user, badCaller(err)
}

// Rename implements [UserService].
func (s *Users) Rename(ctx context.Context, caller Caller, name *string) (User, error) {
	if name != nil {
		if err := Invalid(checkText("name", *name, MaxName)...); err != nil {
			return User{}, err
		}
	}
	if err := countWrite(s.writes, caller.UserID); err != nil {
		return User{}, err
	}
	user, err := s.store.Users().Rename(ctx, caller.UserID, name)
	return user, badCaller(err)
}
