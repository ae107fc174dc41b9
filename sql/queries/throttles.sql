-- name: DeleteThrottlesBetween :execrows
DELETE FROM throttles
WHERE throttles.id IN (
    SELECT t.id
    FROM throttles AS t
    WHERE t.id >= @first AND t.id < @behind
    ORDER BY t.id
    LIMIT @batch_size
);

-- The time is looked at again because PostgreSQL may have waited for somebody who counted once more.
-- name: DeleteExpiredThrottles :execrows
DELETE FROM throttles
WHERE throttles.expires_at <= @now AND throttles.id IN (
    SELECT t.id
    FROM throttles AS t
    WHERE t.expires_at <= @now
    ORDER BY t.expires_at
    LIMIT @batch_size
);
