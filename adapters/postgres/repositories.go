package postgres

import (
	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

// Users implements [domain.Repositories].
func (s *Store) Users() domain.UserRepository { return users{s} }

// Posts implements [domain.Repositories].
func (s *Store) Posts() domain.PostRepository { return posts{s} }

// Sessions implements [domain.Repositories].
func (s *Store) Sessions() domain.SessionRepository { return sessions{s} }

// Votes implements [domain.Store].
func (s *Store) Votes() domain.VoteRepository { return votes{s} }

// Throttles implements [domain.Store].
func (s *Store) Throttles() throttle.Repository { return throttles{s} }

func (t *tx) Users() domain.UserRepository       { return users{t} }
func (t *tx) Posts() domain.PostRepository       { return posts{t} }
func (t *tx) Sessions() domain.SessionRepository { return sessions{t} }
