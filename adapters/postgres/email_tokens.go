package postgres

import (
	"context"
	"fmt"
	"time"

	db "example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// emailTokens implements [domain.EmailTokenRepository].
type emailTokens struct{ access }

func (r emailTokens) Put(ctx context.Context, t domain.EmailToken) error {
	return r.write(ctx, func(ctx context.Context, q *db.Queries) error {
		return q.PutEmailToken(ctx, db.PutEmailTokenParams(t))
	})
}

func (r emailTokens) Find(ctx context.Context, kind domain.MailKind, id string, now time.Time) (domain.EmailToken, error) {
	row, err := fetch(ctx, r.access, (*db.Queries).EmailTokenByID, db.EmailTokenByIDParams{ID: id, Kind: kind, Now: now})
	return domain.EmailToken(row), orNotFound(err, domain.ErrBadEmailToken)
}

func (r emailTokens) Extend(ctx context.Context, id string, expires time.Time) (bool, error) {
	n, err := change(ctx, r.access, (*db.Queries).ExtendEmailToken, db.ExtendEmailTokenParams{ExpiresAt: expires, ID: id})
	return n == 1, err
}

func (r emailTokens) Take(ctx context.Context, kind domain.MailKind, id string, now time.Time) (domain.EmailToken, error) {
	row, err := change(ctx, r.access, (*db.Queries).TakeEmailToken, db.TakeEmailTokenParams{ID: id, Kind: kind, Now: now})
	return domain.EmailToken(row), orNotFound(err, domain.ErrBadEmailToken)
}

func (r emailTokens) DeleteOfUser(ctx context.Context, user domain.UserID, e domain.Email) error {
	return r.write(ctx, func(ctx context.Context, q *db.Queries) error {
		return q.DeleteEmailTokensOf(ctx, db.DeleteEmailTokensOfParams{UserSubject: fmt.Sprint(user), EmailKey: e.Key()})
	})
}

func (r emailTokens) DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error) {
	return sweep(ctx, r.access, (*db.Queries).DeleteExpiredEmailTokens,
		db.DeleteExpiredEmailTokensParams{Now: now, BatchSize: pageSize(limit)})
}
