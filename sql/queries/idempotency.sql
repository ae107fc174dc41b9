-- name: DropExpiredIdempotencyKey :exec
DELETE FROM idempotency_keys
WHERE user_id = @user_id AND key = @key AND expires_at <= @now;

-- name: InsertIdempotencyKey :exec
INSERT INTO idempotency_keys (user_id, key, fingerprint, post_id, created_at, owner_name, expires_at)
VALUES (@user_id, @key, @fingerprint, @post_id, @created_at, @owner_name, @expires_at);

-- It writes what is there: an answer that is given again must not be lost with the write that it tells of.
-- name: ReplayIdempotencyKey :one
UPDATE idempotency_keys
SET expires_at = expires_at
WHERE user_id = @user_id AND key = @key AND expires_at > @now
RETURNING user_id, key, fingerprint, post_id, created_at, owner_name, expires_at;

-- The time is looked at again because PostgreSQL may have waited for somebody who put another in its place.
-- name: DeleteExpiredIdempotencyKeys :execrows
DELETE FROM idempotency_keys
WHERE idempotency_keys.expires_at <= @now AND (idempotency_keys.user_id, idempotency_keys.key) IN (
    SELECT k.user_id, k.key
    FROM idempotency_keys AS k
    WHERE k.expires_at <= @now
    ORDER BY k.expires_at
    LIMIT @batch_size
);
