-- A concurrent transaction may change the hash, or suspend or delete the user, and end the sessions. If its snapshot is older than this
-- session, it does not see the session. So this statement also writes the user's row. If the transaction writes the row later,
-- it fails (REPEATABLE READ), starts again, and sees the session. If it wrote the row first, this statement waits and then checks
-- the hash again.
-- name: InsertSession :execrows
WITH owner AS (
    UPDATE users
    SET password_hash = users.password_hash
    WHERE users.id = @user_id AND users.password_hash = @password_hash AND users.deleted_at IS NULL AND users.suspended_at IS NULL
    RETURNING users.id
)
INSERT INTO sessions (
    id, user_id, created_at, ip, user_agent, refresh_count, refresh_key_id, refreshed_at, expires_at
)
SELECT @id, owner.id, @created_at, @ip, @user_agent, 0, @refresh_key_id, @created_at, @expires_at
FROM owner;

-- name: EndSession :one
WITH gone AS (
    DELETE FROM sessions
    WHERE sessions.id = @id AND sessions.user_id = @user_id
    RETURNING sessions.id
), recorded AS (
    INSERT INTO ended_sessions (sid, ended_at)
    SELECT gone.id, @ended_at
    FROM gone
    ON CONFLICT (sid) DO NOTHING
)
SELECT count(*)
FROM gone;

-- There is no limit: a user has at most 100 live sessions, and the expired ones that were not swept yet.
-- @sqlc-vet-disable bounded-list
-- name: EndAllSessions :many
WITH gone AS (
    DELETE FROM sessions
    WHERE sessions.user_id = @user_id AND sessions.id <> @kept
    RETURNING sessions.id
), recorded AS (
    INSERT INTO ended_sessions (sid, ended_at)
    SELECT gone.id, @ended_at
    FROM gone
    ON CONFLICT (sid) DO NOTHING
)
SELECT gone.id
FROM gone;
