-- name: PostByID :one
SELECT p.*
FROM shown_posts AS p
WHERE p.id = @id;

-- name: PublishedOlder :many
SELECT p.*
FROM shown_posts AS p
WHERE p.published
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
ORDER BY p.published_at DESC, p.id DESC
LIMIT @page_size;

-- name: PublishedNewer :many
SELECT p.*
FROM shown_posts AS p
WHERE p.published
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
ORDER BY p.published_at, p.id
LIMIT @page_size;

-- name: DeletePost :execrows
DELETE FROM posts
WHERE posts.id = @id AND posts.owner_id = @owner_id AND posts.version = @version
    AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = posts.owner_id AND u.deleted_at IS NULL);
