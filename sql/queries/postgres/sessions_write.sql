-- Beside a transaction that changes the hash, or deletes the user, and then ends the sessions, it is not enough to look at the
-- hash: that transaction might have taken its snapshot before and not see the session that was made meanwhile. So the user's
-- row is written too. A transaction in REPEATABLE READ that comes to the row after this then fails, begins anew and sees the
-- session; if it came first, this waits for it and looks at the hash again.
-- name: InsertSession :execrows
WITH owner AS (
    UPDATE users
    SET password_hash = users.password_hash
    WHERE users.id = @user_id AND users.password_hash = @password_hash AND users.deleted_at IS NULL
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

-- All of them: a user has at most 100 live ones, and those that were not swept yet.
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
