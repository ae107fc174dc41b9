package domaintest

import (
	"context"

	"example.com/postern/domain"
)

// Epoch returns the store's epoch.
func (s *Store) Epoch(ctx context.Context) (domain.Epoch, error) { return epoch(ctx, s) }

func (t *tx) Epoch(ctx context.Context) (domain.Epoch, error) { return epoch(ctx, t) }

func epoch(ctx context.Context, a access) (epoch domain.Epoch, err error) {
	err = a.read(ctx, func(t *tables) error {
		epoch = t.epoch
		return nil
	})
	return epoch, err
}

// NewEpoch implements [domain.Store].
func (s *Store) NewEpoch(ctx context.Context) (domain.Epoch, error) {
	epoch := domain.Epoch{ID: domain.NewEpochID()}
	err := s.write(ctx, func(t *tables) error {
		if max(int64(t.lastUser), int64(t.lastPost)) > domain.MaxID-domain.EpochIDStep {
			return domain.ErrNoIDsLeft
		}
		t.epoch = epoch
		t.lastUser += domain.EpochIDStep
		t.lastPost += domain.EpochIDStep
		clear(t.sessions)
		clear(t.outbox)
		clear(t.emailTokens)
		return nil
	})
	if err != nil {
		return domain.Epoch{}, err
	}
	return epoch, nil
}

// SetEpoch replaces only the store's epoch, to simulate a store of an older release.
func (s *Store) SetEpoch(e domain.Epoch) {
	_ = s.write(context.Background(), func(t *tables) error {
		t.epoch = e
		return nil
	})
}
