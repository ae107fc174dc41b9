package domain

import (
	"context"
	"time"

	"example.com/postern/domain/throttle"
)

// MaxID is the largest identifier: 2^53-1, the largest integer that every JSON reader represents exactly (RFC 8259, section 6).
const MaxID = 1<<53 - 1

// UserID identifies a user. The store assigns it, from 1 to [MaxID], and never reuses it.
type UserID int64

// User is a person with an account. It holds no secret. Only the user may see Email.
type User struct {
	ID        UserID
	Email     Email
	Name      *string // 1 to [MaxName] characters; nil if there is none
	CreatedAt time.Time

	EmailVerifiedAt *time.Time // when the user confirmed Email; nil if never
}

// NewUser is the input of [UserRepository.Insert].
type NewUser struct {
	Email        Email
	PasswordHash string
	CreatedAt    time.Time

	EmailVerifiedAt *time.Time // see [User]
}

// Credential is what a login needs to know about a user.
type Credential struct {
	UserID       UserID
	PasswordHash string
	Suspended    bool // nobody may log in: see [Operator]
}

// UserRepository stores users. No two users have the same [Email.Key].
type UserRepository interface {
	// Insert adds a user and returns it with its new ID, or [ErrEmailTaken].
	Insert(ctx context.Context, u NewUser) (User, error)

	// ByID returns a user, or [ErrUserNotFound].
	ByID(ctx context.Context, id UserID) (User, error)

	// Credential returns the credential of the user whose e-mail address has the same [Email.Key], or [ErrUserNotFound].
	Credential(ctx context.Context, e Email) (Credential, error)

	// CredentialByID returns the credential of a user, or [ErrUserNotFound].
	CredentialByID(ctx context.Context, id UserID) (Credential, error)

	// UpdatePasswordHash replaces the user's password hash in one statement if it still equals old, and reports whether it did.
	UpdatePasswordHash(ctx context.Context, id UserID, old, new string) (bool, error)

	// SetSuspended suspends the account since a time, or restores it if since is nil. It returns [ErrUserNotFound].
	// [SessionRepository.Insert] refuses sessions of a suspended account. Everything else stays as it is.
	SetSuspended(ctx context.Context, id UserID, since *time.Time) error

	// Rename sets the user's name, which may be nil, and returns the user, or [ErrUserNotFound].
	Rename(ctx context.Context, id UserID, name *string) (User, error)

	// VerifyEmail records when the user confirmed the address, and reports whether the user still has it. A confirmed address
	// keeps its time.
	VerifyEmail(ctx context.Context, id UserID, e Email, at time.Time) (bool, error)

	// ChangeEmail replaces the user's address by one that the user confirmed at a time. It returns [ErrUserNotFound], or
	// [ErrEmailTaken]; a transaction must then be rolled back.
	ChangeEmail(ctx context.Context, id UserID, e Email, at time.Time) error

	// Delete deletes the account, or returns [ErrUserNotFound]. Only Purge and [SessionRepository.EndAll] still find the user
	// and their posts. The e-mail address is free again. Purge deletes the rows later.
	Delete(ctx context.Context, id UserID, at time.Time) error

	// Purge deletes at most limit rows of deleted accounts and deleted posts, and returns how many rows it processed; 0 when
	// none is left. No deletion cascades to many other rows. A post's count of votes is kept correct. If one step fails, the
	// others still run, so Purge may return both a number of rows and an error.
	Purge(ctx context.Context, limit int) (int, error)
}

// MaxName is the maximum length of a user's name, in characters.
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
