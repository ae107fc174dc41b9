package domain

import (
	"context"
	"time"
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

	// UpdatePasswordHash replaces the user's password hash if it still is old, in one statement, and tells whether it did.
	UpdatePasswordHash(ctx context.Context, id UserID, old, new string) (bool, error)
}

// UserService looks users up.
type UserService interface {
	// Get returns a user, or [ErrUserNotFound].
	Get(ctx context.Context, id UserID) (User, error)
}
