-- name: AddToOutbox :exec
INSERT INTO outbox (id, channel, payload, created_at, due_at, attempts)
VALUES (@id, @channel, @payload, @created_at, @due_at, @attempts);

-- name: DeleteFromOutbox :exec
DELETE FROM outbox
WHERE id = @id;

-- It changes nothing if the claim has ended, because another instance may have claimed the item since.
-- name: RetryOutboxItem :exec
UPDATE outbox
SET attempts = attempts + 1, due_at = @due_at, claimed_until = NULL
WHERE id = @id AND claimed_until = @claimed_until;

-- name: BuryOutboxItem :exec
UPDATE outbox
SET buried_at = @buried_at, claimed_until = NULL
WHERE id = @id AND buried_at IS NULL;

-- name: CountWaiting :one
SELECT count(*)
FROM (
    SELECT o.id
    FROM outbox AS o
    WHERE o.channel = @channel AND o.buried_at IS NULL
    LIMIT @max_count
) AS waiting;

-- name: CountBuried :one
SELECT count(*)
FROM (
    SELECT o.id
    FROM outbox AS o
    WHERE o.channel = @channel AND o.buried_at IS NOT NULL
    LIMIT @max_count
) AS buried;

-- name: OldestWaiting :one
SELECT created_at
FROM outbox
WHERE channel = @channel AND buried_at IS NULL
ORDER BY created_at
LIMIT 1;

-- name: DeleteSomeOutboxItems :execrows
DELETE FROM outbox
WHERE outbox.id IN (
    SELECT o.id
    FROM outbox AS o
    LIMIT @batch_size
);

-- name: DeleteEveryOutboxItem :exec
DELETE FROM outbox;
