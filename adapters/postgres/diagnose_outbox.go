package postgres

import (
	"context"

	"example.com/postern/domain/diagnosis"
)

// checkOutbox looks for mails that are late, and for mails that were given up.
func (d *diagnosed) checkOutbox(ctx context.Context) (diagnosis.Finding, error) {
	var exists bool
	if err := d.db.QueryRowContext(ctx, "SELECT to_regclass('outbox') IS NOT NULL").Scan(&exists); err != nil || !exists {
		return diagnosis.Skipped("there is no outbox yet"), err
	}
	var late, buried int
	err := d.db.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE buried_at IS NULL AND created_at < now() - interval '1 hour'),
		count(*) FILTER (WHERE buried_at IS NOT NULL) FROM outbox`).Scan(&late, &buried)
	return diagnosis.Outbox(late, buried), err
}
