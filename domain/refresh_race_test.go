package domain_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
)

// racingStore makes transactions race: each waits after its first read of a session until all have read it.
type racingStore struct {
	domain.Store
	racers  int64
	fake    *domaintest.Store
	looking atomic.Int64
	all     chan struct{}
	steps   atomic.Int64
	writes  atomic.Int64
}

// InTx runs transactions concurrently, and repeats those that lose a race.
func (s *racingStore) InTx(_ context.Context, fn func(domain.Repositories) error) error {
	for {
		inner, commit := s.fake.Begin()
		tx := &racingTx{inner, s, 0, 0}
		if err := fn(tx); err != nil {
			return err
		}
		if commit() {
			s.writes.Add(tx.writes)
			s.steps.Add(tx.steps)
			return nil
		}
	}
}

type racingTx struct {
	domain.Repositories
	race          *racingStore
	writes, steps int64
}

func (t *racingTx) Sessions() domain.SessionRepository {
	return racingSessions{t.Repositories.Sessions(), t}
}

type racingSessions struct {
	domain.SessionRepository
	tx *racingTx
}

func (s racingSessions) ByID(ctx context.Context, id domain.SessionID) (domain.Session, error) {
	session, err := s.SessionRepository.ByID(ctx, id)
	race := s.tx.race
	switch n := race.looking.Add(1); {
	case n == race.racers:
		close(race.all)
	case n < race.racers:
		<-race.all
	}
	return session, err
}

func (s racingSessions) Refresh(ctx context.Context, session domain.Session, count int64) (bool, error) {
	done, err := s.SessionRepository.Refresh(ctx, session, count)
	if done {
		s.tx.writes++
	}
	if done && session.RefreshCount > count {
		s.tx.steps++
	}
	return done, err
}

// TestFiftyConcurrentRefreshesCountOnce runs refreshes that all find their token to be the newest. The transaction decides.
func TestFiftyConcurrentRefreshesCountOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, caller := w.enter(t)
	race := &racingStore{Store: w.store, fake: w.fake, racers: 50, all: make(chan struct{})}
	var instances []domain.AuthService
	for range 2 {
		options := w.options()
		options.Store = race
		auth, err := domain.NewAuth(options)
		require.NoError(t, err)
		instances = append(instances, auth)
	}
	got := make([]domain.Tokens, 50)
	errs := parallel(50, func(i int) (err error) {
		got[i], err = instances[i%2].Refresh(t.Context(), first.Refresh)
		return err
	})
	require.NoError(t, errors.Join(errs...))
	access := map[string]bool{}
	for _, tokens := range got {
		require.Equal(t, got[0].Refresh, tokens.Refresh)
		access[tokens.Access] = true
	}
	require.Len(t, access, 50)
	require.True(t, strings.HasSuffix(got[0].Refresh, ".1"))
	require.Equal(t, int64(1), race.steps.Load())
	require.Equal(t, int64(50), race.writes.Load(), "every acknowledged refresh is a write")
	require.Equal(t, int64(1), w.session(t, caller.SessionID).RefreshCount)
	require.Empty(t, w.events.Take())
}
