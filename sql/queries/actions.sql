-- name: InsertAction :exec
INSERT INTO operator_actions (id, done_at, done_by, action, target_id)
VALUES (@id, @done_at, @done_by, @action, @target_id);

-- name: NewestActions :many
SELECT done_at, done_by, action, target_id
FROM operator_actions
ORDER BY done_at DESC, id DESC
LIMIT @page_size;
