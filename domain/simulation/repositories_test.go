package simulation_test

import (
	"context"
	"time"

	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

// The repositories, with the methods that the simulation uses.

type users struct {
	domain.UserRepository
	r repositories
}

func (u users) Insert(ctx context.Context, n domain.NewUser) (domain.User, error) {
	return at(ctx, u.r, "insert user", func() (domain.User, error) { return u.UserRepository.Insert(ctx, n) })
}

func (u users) ByID(ctx context.Context, id domain.UserID) (domain.User, error) {
	return at(ctx, u.r, "user", func() (domain.User, error) { return u.UserRepository.ByID(ctx, id) })
}

func (u users) Credential(ctx context.Context, e domain.Email) (domain.Credential, error) {
	return at(ctx, u.r, "credential", func() (domain.Credential, error) { return u.UserRepository.Credential(ctx, e) })
}

func (u users) CredentialByID(ctx context.Context, id domain.UserID) (domain.Credential, error) {
	return at(ctx, u.r, "credential", func() (domain.Credential, error) { return u.UserRepository.CredentialByID(ctx, id) })
}

func (u users) UpdatePasswordHash(ctx context.Context, id domain.UserID, old, new string) (bool, error) {
	return at(ctx, u.r, "update password", func() (bool, error) { return u.UserRepository.UpdatePasswordHash(ctx, id, old, new) })
}

func (u users) Delete(ctx context.Context, id domain.UserID, when time.Time) error {
	_, err := at(ctx, u.r, "delete user", func() (struct{}, error) { return struct{}{}, u.UserRepository.Delete(ctx, id, when) })
	return err
}

type sessions struct {
	domain.SessionRepository
	r repositories
}

func (s sessions) Insert(ctx context.Context, n domain.NewSession) error {
	_, err := at(ctx, s.r, "insert session", func() (struct{}, error) { return struct{}{}, s.SessionRepository.Insert(ctx, n) })
	return err
}

func (s sessions) ByID(ctx context.Context, id domain.SessionID) (domain.Session, error) {
	return at(ctx, s.r, "session", func() (domain.Session, error) { return s.SessionRepository.ByID(ctx, id) })
}

func (s sessions) Live(ctx context.Context, user domain.UserID, now time.Time, limit int) ([]domain.Session, error) {
	return at(ctx, s.r, "live sessions", func() ([]domain.Session, error) { return s.SessionRepository.Live(ctx, user, now, limit) })
}

func (s sessions) Refresh(ctx context.Context, next domain.Session, count int64) (bool, error) {
	return at(ctx, s.r, "refresh session", func() (bool, error) { return s.SessionRepository.Refresh(ctx, next, count) })
}

func (s sessions) End(ctx context.Context, user domain.UserID, id domain.SessionID, when time.Time) (bool, error) {
	return at(ctx, s.r, "end session", func() (bool, error) { return s.SessionRepository.End(ctx, user, id, when) })
}

func (s sessions) EndAll(ctx context.Context, user domain.UserID, except domain.SessionID, when time.Time) ([]domain.SessionID, error) {
	return at(ctx, s.r, "end all sessions", func() ([]domain.SessionID, error) {
		return s.SessionRepository.EndAll(ctx, user, except, when)
	})
}

func (s sessions) EndedAfter(ctx context.Context, after domain.SessionEnd, limit int) ([]domain.SessionEnd, error) {
	return at(ctx, s.r, "ends", func() ([]domain.SessionEnd, error) { return s.SessionRepository.EndedAfter(ctx, after, limit) })
}

func (s sessions) DeleteEnds(ctx context.Context, until time.Time, limit int) (int, error) {
	return at(ctx, s.r, "sweep ends", func() (int, error) { return s.SessionRepository.DeleteEnds(ctx, until, limit) })
}

func (s sessions) DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error) {
	return at(ctx, s.r, "sweep sessions", func() (int, error) { return s.SessionRepository.DeleteExpired(ctx, now, limit) })
}

type posts struct {
	domain.PostRepository
	r repositories
}

func (p posts) Insert(ctx context.Context, n domain.NewPost) (domain.Post, error) {
	return at(ctx, p.r, "insert post", func() (domain.Post, error) { return p.PostRepository.Insert(ctx, n) })
}

type throttles struct {
	throttle.Repository
	r repositories
}

func (t throttles) Change(ctx context.Context, ids []string, fn func([]throttle.Counter)) error {
	_, err := at(ctx, t.r, "throttle", func() (struct{}, error) { return struct{}{}, t.Repository.Change(ctx, ids, fn) })
	return err
}
