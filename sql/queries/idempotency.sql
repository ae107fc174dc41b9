-- name: DropExpiredIdempotencyKey :exec
DELETE FROM idempotency_keys
WHERE user_id = @user_id AND key = @key AND expires_at <= @now;

-- It inserts no row if the key is taken. The caller then replays the record.
-- name: InsertIdempotencyKey :execrows
INSERT INTO idempotency_keys (user_id, key, fingerprint, post_id, created_at, owner_name, expires_at)
VALUES (@user_id, @key, @fingerprint, @post_id, @created_at, @owner_name, @expires_at)
ON CONFLICT (user_id, key) DO NOTHING;

-- It writes the row without changing it. The commit then waits for replication, so that a replayed answer is as durable
-- as the first one.
-- name: ReplayIdempotencyKey :one
UPDATE idempotency_keys
SET expires_at = expires_at
WHERE user_id = @user_id AND key = @key AND expires_at > @now
RETURNING user_id, key, fingerprint, post_id, created_at, owner_name, expires_at;
