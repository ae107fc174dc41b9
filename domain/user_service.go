package domain

import "context"

type userService struct{ store Store }

// NewUserService returns a UserService on the store.
func NewUserService(store Store) UserService { return userService{store} }

func (s userService) Get(ctx context.Context, id UserID) (User, error) {
	return s.store.Users().ByID(ctx, id)
}
