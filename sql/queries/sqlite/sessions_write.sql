-- name: InsertSession :execrows
INSERT INTO sessions (
    id, user_id, created_at, ip, user_agent, refresh_count, refresh_key_id, refreshed_at, expires_at
)
SELECT @id, users.id, @created_at, @ip, @user_agent, 0, @refresh_key_id, @created_at, @expires_at
FROM users
WHERE users.id = @user_id AND users.password_hash = @password_hash AND users.deleted_at IS NULL AND users.suspended_at IS NULL;

-- name: RecordEnd :exec
INSERT INTO ended_sessions (sid, ended_at)
VALUES (@sid, @ended_at)
ON CONFLICT (sid) DO NOTHING;

-- name: DeleteSession :execrows
DELETE FROM sessions
WHERE id = @id AND user_id = @user_id;

-- There is no limit: a user has at most 100 live sessions, and the expired ones that were not swept yet.
-- @sqlc-vet-disable bounded-list
-- name: DeleteSessions :many
DELETE FROM sessions
WHERE user_id = @user_id AND id <> @kept
RETURNING id;
