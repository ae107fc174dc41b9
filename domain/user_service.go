package domain

import (
	"context"

	"example.com/postern/domain/throttle"
)

type userService struct {
	store  Store
	writes *throttle.Limiter
}

// NewUserService returns a UserService on the store. Writes may be nil.
func NewUserService(store Store, writes *throttle.Limiter) UserService {
	return userService{store, writes}
}

func (s userService) Get(ctx context.Context, id UserID) (User, error) {
	return s.store.Users().ByID(ctx, id)
}

func (s userService) Rename(ctx context.Context, id UserID, name *string) (User, error) {
	if name != nil {
		if err := Invalid(checkText("name", *name, MaxName)...); err != nil {
			return User{}, err
		}
	}
	if err := countWrite(s.writes, id); err != nil {
		return User{}, err
	}
	return s.store.Users().Rename(ctx, id, name)
}
