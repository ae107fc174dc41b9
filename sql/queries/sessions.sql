-- name: SessionByID :one
SELECT s.id, s.user_id, s.created_at, s.ip, s.user_agent, s.refresh_count, s.refresh_key_id, s.refreshed_at, s.expires_at
FROM sessions AS s
JOIN users AS u ON u.id = s.user_id AND u.deleted_at IS NULL
WHERE s.id = @id;

-- name: LiveSessions :many
SELECT s.id, s.user_id, s.created_at, s.ip, s.user_agent, s.refresh_count, s.refresh_key_id, s.refreshed_at, s.expires_at
FROM sessions AS s
WHERE s.user_id = @user_id AND s.expires_at > @now
    AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = s.user_id AND u.deleted_at IS NULL)
ORDER BY s.created_at DESC, s.id DESC
LIMIT @page_size;

-- name: RefreshSession :execrows
UPDATE sessions
SET refresh_count = @refresh_count, refreshed_at = @refreshed_at, expires_at = @expires_at
WHERE sessions.id = @id AND sessions.refresh_count = @old_count
    AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = sessions.user_id AND u.deleted_at IS NULL);

-- name: EndedAfter :many
SELECT sid AS session_id, ended_at
FROM ended_sessions
WHERE (ended_at, sid) > (CAST(@ended_at AS timestamptz), CAST(@sid AS text))
ORDER BY ended_at, sid
LIMIT @page_size;
