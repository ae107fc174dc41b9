package domain

import (
	"context"
	"errors"
	"fmt"
)

func (s *authService) CheckRegistration(in Registration) []FieldError {
	email, ok := ParseEmail(in.Email)
	var bad []FieldError
	if !ok {
		bad = append(bad, badEmail)
	}
	return append(bad, checkNewPassword("password", in.Password, email, s.MinPassword)...)
}

var badEmail = FieldError{"email", "format", "must be an e-mail address"}

func (s *authService) Register(ctx context.Context, in Registration) (User, error) {
	if err := Invalid(s.CheckRegistration(in)...); err != nil {
		return User{}, err
	}
	if err := s.countSignUp(ctx, in.Client); err != nil {
		return User{}, err
	}
	email, _ := ParseEmail(in.Email)
	// The unique key decides; asking first spares the hashing.
	if _, err := s.Store.Users().Credential(ctx, email); !errors.Is(err, ErrUserNotFound) {
		if err == nil {
			err = ErrEmailTaken
		}
		return User{}, err
	}
	hash, err := s.Hasher.Hash(ctx, in.Client.Network(), in.Password)
	if err != nil {
		return User{}, fmt.Errorf("hash the new password: %w", err)
	}
	return s.Store.Users().Insert(ctx, NewUser{Email: email, PasswordHash: hash, CreatedAt: s.Clock.Now()})
}
