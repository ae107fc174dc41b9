package domaintest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"example.com/postern/domain"
)

type sessions struct{ access }

func (r sessions) Insert(ctx context.Context, s domain.NewSession) error {
	return r.write(ctx, func(t *tables) error {
		if row, found := t.users[s.UserID]; !found || row.suspended || row.passwordHash != s.PasswordHash {
			return domain.ErrPasswordChanged
		}
		if _, used := t.sessions[s.ID]; used {
			return errors.New("domaintest: the session identifier was used before")
		}
		t.sessions[s.ID] = domain.Session{
			ID: s.ID, UserID: s.UserID, CreatedAt: s.CreatedAt, IP: s.Client.IP, UserAgent: s.Client.UserAgent,
			RefreshKeyID: s.RefreshKeyID, RefreshedAt: s.CreatedAt, ExpiresAt: s.ExpiresAt,
		}
		return nil
	})
}

func (r sessions) ByID(ctx context.Context, id domain.SessionID) (session domain.Session, err error) {
	err = r.read(ctx, func(t *tables) error {
		kept, found := t.sessions[id]
		if !found || t.deleted(kept.UserID) {
			return domain.ErrSessionNotFound
		}
		session = kept
		return nil
	})
	return session, err
}

func (r sessions) Live(ctx context.Context, user domain.UserID, now time.Time, limit int) (live []domain.Session, err error) {
	err = r.read(ctx, func(t *tables) error {
		for _, s := range t.sessions {
			if s.UserID == user && !t.deleted(user) && s.ExpiresAt.After(now) {
				live = append(live, s)
			}
		}
		slices.SortFunc(live, func(a, b domain.Session) int {
			return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
		})
		live = live[:min(len(live), max(limit, 0))]
		return nil
	})
	return live, err
}

func (r sessions) Refresh(ctx context.Context, s domain.Session, count int64) (done bool, err error) {
	err = r.write(ctx, func(t *tables) error {
		kept, found := t.sessions[s.ID]
		if done = found && !t.deleted(kept.UserID) && kept.RefreshCount == count; done {
			kept.RefreshCount, kept.RefreshedAt, kept.ExpiresAt = s.RefreshCount, s.RefreshedAt, s.ExpiresAt
			t.sessions[s.ID] = kept
		}
		return nil
	})
	return done && err == nil, err
}

func (r sessions) End(ctx context.Context, user domain.UserID, id domain.SessionID, at time.Time) (ended bool, err error) {
	err = r.write(ctx, func(t *tables) error {
		kept, found := t.sessions[id]
		if ended = found && kept.UserID == user && !t.deleted(user); ended {
			delete(t.sessions, id)
			t.ends[id] = at
		}
		return nil
	})
	return ended && err == nil, err
}

func (r sessions) EndAll(
	ctx context.Context, user domain.UserID, except domain.SessionID, at time.Time,
) (ended []domain.SessionID, err error) {
	err = r.write(ctx, func(t *tables) error {
		for id, kept := range t.sessions {
			if kept.UserID == user && id != except {
				delete(t.sessions, id)
				t.ends[id] = at
				ended = append(ended, id)
			}
		}
		return nil
	})
	return ended, err
}

func (r sessions) DeleteExpired(ctx context.Context, now time.Time, limit int) (n int, err error) {
	err = r.write(ctx, func(t *tables) error {
		n = removeSome(t.sessions, limit, func(s domain.Session) bool { return !s.ExpiresAt.After(now) })
		return nil
	})
	return n, err
}
