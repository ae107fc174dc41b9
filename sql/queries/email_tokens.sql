-- One statement, so that of two concurrent requests one token remains.
-- name: PutEmailToken :exec
INSERT INTO email_tokens (id, kind, subject, user_id, email, password_hash, session_id, expires_at)
VALUES (@id, @kind, @subject, @user_id, @email, @password_hash, @session_id, @expires_at)
ON CONFLICT (subject, kind) DO UPDATE
SET id = excluded.id, user_id = excluded.user_id, email = excluded.email, password_hash = excluded.password_hash,
    session_id = excluded.session_id, expires_at = excluded.expires_at;

-- name: EmailTokenByID :one
SELECT id, kind, subject, user_id, email, password_hash, session_id, expires_at
FROM email_tokens
WHERE id = @id AND kind = @kind AND expires_at > @now;

-- name: ExtendEmailToken :execrows
UPDATE email_tokens
SET expires_at = @expires_at
WHERE id = @id;

-- One statement, so that of two concurrent uses one finds the row.
-- name: TakeEmailToken :one
DELETE FROM email_tokens
WHERE id = @id AND kind = @kind AND expires_at > @now
RETURNING id, kind, subject, user_id, email, password_hash, session_id, expires_at;

-- name: DeleteEmailTokensOf :exec
DELETE FROM email_tokens
WHERE subject IN (@user_subject, @email_key);
