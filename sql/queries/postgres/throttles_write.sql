-- One statement inserts missing rows, locks all of them, and returns their latest state. A SELECT ... FOR UPDATE could find a row
-- gone that was swept in the meantime. All transactions lock rows in the same order.
-- name: LockThrottles :many
INSERT INTO throttles (id)
SELECT ids.id
FROM unnest(CAST(@ids AS text[])) AS ids (id)
ORDER BY ids.id
LIMIT 8
ON CONFLICT (id) DO UPDATE SET failures = throttles.failures
RETURNING id, failures, reserved, reserved_at, since, until, expires_at;

-- name: UpdateThrottle :batchexec
UPDATE throttles
SET failures = @failures, reserved = @reserved, reserved_at = @reserved_at, since = @since, until = @until,
    expires_at = @expires_at
WHERE id = @id;
