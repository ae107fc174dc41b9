package postgres

import (
	"context"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

type sessions struct{ access }

func (r sessions) Insert(ctx context.Context, s domain.NewSession) error {
	row := pgdb.InsertSessionParams{
		ID: s.ID, UserID: s.UserID, PasswordHash: s.PasswordHash, CreatedAt: s.CreatedAt,
		IP: s.Client.IP, UserAgent: s.Client.UserAgent,
	}
	return r.write(ctx, func(ctx context.Context, q *pgdb.Queries) error {
		n, err := q.InsertSession(ctx, row)
		if err == nil && n == 0 {
			return domain.ErrPasswordChanged
		}
		return err
	})
}
