package sqlite

import (
	"context"
	"time"

	"example.com/postern/domain/diagnosis"
)

// checkOutbox looks for mails that are late, and for mails that were given up.
func (d *diagnosed) checkOutbox(ctx context.Context) (diagnosis.Finding, error) {
	if checkVersion(ctx, d.db) != nil {
		return diagnosis.Skipped("the schema is not this program's: see the check of schema"), nil
	}
	var late, buried int
	err := d.db.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE buried_at IS NULL AND created_at < ?),
		count(*) FILTER (WHERE buried_at IS NOT NULL) FROM outbox`, time.Now().Add(-time.Hour).UnixMicro()).Scan(&late, &buried)
	return diagnosis.Outbox(late, buried), err
}
