-- One statement makes the rows that are missing, waits for those who have locked others, and returns what they left, which a
-- SELECT ... FOR UPDATE would have to be repeated for: rows are swept meanwhile. All lock them in one order.
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
