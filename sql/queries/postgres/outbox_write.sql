-- One statement finds, locks and claims. Two claims at once skip each other's rows. Locking reads the latest state of a row, and
-- checks its condition again.
-- name: ClaimOutboxItems :many
UPDATE outbox
SET claimed_until = @claimed_until
WHERE outbox.id = ANY (ARRAY(
    SELECT o.id
    FROM outbox AS o
    WHERE o.channel = @channel AND o.buried_at IS NULL AND o.due_at <= @now
        AND (o.claimed_until IS NULL OR o.claimed_until <= @now)
    ORDER BY o.due_at
    LIMIT @batch_size
    FOR UPDATE SKIP LOCKED
))
RETURNING id, payload, created_at, due_at, attempts;

-- name: DeleteBuriedOutboxItems :execrows
DELETE FROM outbox
WHERE outbox.id = ANY (ARRAY(
    SELECT o.id
    FROM outbox AS o
    WHERE o.channel = @channel AND o.buried_at IS NOT NULL AND o.buried_at <= @until
    ORDER BY o.buried_at
    LIMIT @batch_size
    FOR UPDATE SKIP LOCKED
));
