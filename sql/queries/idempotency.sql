-- name: DropExpiredIdempotencyKey :exec
DELETE FROM idempotency_keys
WHERE user_id = @user_id AND key = @key AND expires_at <= @now;

-- It inserts no row if the key is taken. The caller then replays the record, which is a write.
-- name: InsertIdempotencyKey :execrows
INSERT INTO idempotency_keys (user_id, key, fingerprint, post_id, created_at, owner_name, expires_at)
VALUES (@user_id, @key, @fingerprint, @post_id, @created_at, @owner_name, @expires_at)
ON CONFLICT (user_id, key) DO NOTHING;

-- It writes what is there: an answer that is given again must not be lost with the write that it tells of.
-- name: ReplayIdempotencyKey :one
UPDATE idempotency_keys
SET expires_at = expires_at
WHERE user_id = @user_id AND key = @key AND expires_at > @now
RETURNING user_id, key, fingerprint, post_id, created_at, owner_name, expires_at;
