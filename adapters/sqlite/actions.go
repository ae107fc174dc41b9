// Code generated from adapters/postgres/actions.go by make generate. DO NOT EDIT.

package sqlite

import (
	"context"
	"crypto/rand"

	db "example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

// actions implements [domain.ActionRepository].
type actions struct{ access }

func (r actions) Insert(ctx context.Context, a domain.OperatorAction) error {
	return r.write(ctx, func(ctx context.Context, q *db.Queries) error { return insertAction(ctx, q, a) })
}

func insertAction(ctx context.Context, q *db.Queries, a domain.OperatorAction) error {
	return q.InsertAction(ctx, db.InsertActionParams{
		ID: rand.Text(), DoneAt: a.At, DoneBy: a.By, Action: string(a.Name), TargetID: a.Target,
	})
}

func (r actions) Newest(ctx context.Context, limit int) (newest []domain.OperatorAction, err error) {
	rows, err := fetch(ctx, r.access, (*db.Queries).NewestActions, pageSize(limit))
	for _, row := range rows {
		newest = append(newest, domain.OperatorAction{
			At: row.DoneAt, By: row.DoneBy, Name: domain.OperatorActionName(row.Action), Target: row.TargetID,
		})
	}
	return newest, err
}
