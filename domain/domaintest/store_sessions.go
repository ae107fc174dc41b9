package domaintest

import (
	"context"
	"errors"

	"example.com/postern/domain"
)

type sessions struct{ access }

func (r sessions) Insert(ctx context.Context, s domain.NewSession) error {
	return r.write(ctx, func(t *tables) error {
		if row, found := t.users[s.UserID]; !found || row.passwordHash != s.PasswordHash {
			return domain.ErrPasswordChanged
		}
		if _, used := t.sessions[s.ID]; used {
			return errors.New("domaintest: the session identifier was used before")
		}
		t.sessions[s.ID] = s
		return nil
	})
}
