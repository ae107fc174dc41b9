-- name: Epoch :one
SELECT id, is_first
FROM store_epoch
WHERE singleton = 1;

-- name: SetEpoch :exec
INSERT INTO store_epoch (singleton, id, is_first)
VALUES (1, @id, FALSE)
ON CONFLICT (singleton) DO UPDATE SET id = excluded.id, is_first = excluded.is_first;

-- name: DeleteSomeSessions :execrows
DELETE FROM sessions
WHERE sessions.id IN (
    SELECT s.id
    FROM sessions AS s
    LIMIT @batch_size
);

-- name: DeleteEverySession :execrows
DELETE FROM sessions;

-- name: DeleteEveryEmailToken :exec
DELETE FROM email_tokens;
