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
func (s *Store) NewEpoch(ctx context.Context, action domain.OperatorAction) (domain.Epoch, error) {
	epoch, _, err := s.startEpoch(ctx, domain.EpochIDStep, action)
	return epoch, err
}

// EndEverySession implements [domain.Store].
func (s *Store) EndEverySession(ctx context.Context, action domain.OperatorAction) (int, error) {
	_, ended, err := s.startEpoch(ctx, 0, action)
	return ended, err
}

func (s *Store) startEpoch(
	ctx context.Context, step int64, action domain.OperatorAction,
) (epoch domain.Epoch, ended int, err error) {
	err = s.write(ctx, func(t *tables) error {
		if max(int64(t.lastUser), int64(t.lastPost)) > domain.MaxID-step {
			return domain.ErrNoIDsLeft
		}
		epoch = domain.Epoch{ID: domain.NewEpochID()}
		t.epoch = epoch
		t.lastUser += domain.UserID(step)
		t.lastPost += domain.PostID(step)
		ended = len(t.sessions)
		clear(t.sessions)
		t.actions = append(t.actions, action)
		if step > 0 {
			clear(t.outbox)
			clear(t.emailTokens)
		}
		return nil
	})
	if err != nil {
		return domain.Epoch{}, 0, err
	}
	return epoch, ended, nil
}

// SetEpoch replaces only the store's epoch, to simulate a store of an older release.
func (s *Store) SetEpoch(e domain.Epoch) {
	_ = s.write(context.Background(), func(t *tables) error {
		t.epoch = e
		return nil
	})
}
