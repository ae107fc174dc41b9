-- name: SearchIndex :one
SELECT tokenizer, before_id
FROM search_index;

-- name: BeginReindex :execrows
UPDATE search_index
SET tokenizer = @tokenizer, before_id = (SELECT coalesce(max(p.id), 0) + 1 FROM posts AS p)
WHERE tokenizer < @tokenizer;

-- It changes nothing if another instance is further ahead.
-- name: SetReindexed :execrows
UPDATE search_index
SET before_id = @before_id
WHERE tokenizer = @tokenizer AND before_id > @before_id;

-- name: IndexedPosts :many
SELECT id, version, title, content
FROM posts
WHERE id < @before_id AND indexed_version = version
ORDER BY id DESC
LIMIT @batch_size;
