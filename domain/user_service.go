package domain

import "context"

type userService struct {
	store  Store
	writes *WriteLimiter
}

// NewUserService returns a UserService on the store. Writes may be nil.
func NewUserService(store Store, writes *WriteLimiter) UserService { return userService{store, writes} }

func (s userService) Get(ctx context.Context, id UserID) (User, error) {
	return s.store.Users().ByID(ctx, id)
}

func (s userService) Rename(ctx context.Context, id UserID, name *string) (User, error) {
	if name != nil {
		if err := Invalid(checkText("name", *name, MaxName)...); err != nil {
			return User{}, err
		}
	}
	if err := s.writes.take(id); err != nil {
		return User{}, err
	}
	return s.store.Users().Rename(ctx, id, name)
}
