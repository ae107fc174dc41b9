-- name: ThrottleByID :one
SELECT id, failures, reserved, reserved_at, since, until, expires_at
FROM throttles
WHERE id = @id;

-- name: PutThrottle :exec
INSERT INTO throttles (id, failures, reserved, reserved_at, since, until, expires_at)
VALUES (@id, @failures, @reserved, @reserved_at, @since, @until, @expires_at)
ON CONFLICT (id) DO UPDATE SET failures = excluded.failures, reserved = excluded.reserved, reserved_at = excluded.reserved_at,
    since = excluded.since, until = excluded.until, expires_at = excluded.expires_at;
