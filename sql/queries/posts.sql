-- name: PostByID :one
SELECT p.id, p.owner_id, p.title, p.content, p.published, p.version, p.created_at, p.updated_at, p.published_at,
    u.name AS owner_name
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id AND u.deleted_at IS NULL
WHERE p.id = @id;

-- The lists ask by a CASE whether the owner is still there: without statistics PostgreSQL takes next to nothing for NULL, would
-- begin at the few owners that it expects, and sort all their posts.
-- name: PublishedBefore :many
SELECT p.id, p.owner_id, p.title, p.content, p.published, p.version, p.created_at, p.updated_at, p.published_at,
    u.name AS owner_name
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id AND CASE WHEN u.deleted_at IS NULL THEN TRUE ELSE FALSE END
WHERE p.published AND (p.published_at, p.id) < (CAST(@published_at AS timestamptz), CAST(@id AS bigint))
ORDER BY p.published_at DESC, p.id DESC
LIMIT @page_size;

-- name: PublishedAfter :many
SELECT p.id, p.owner_id, p.title, p.content, p.published, p.version, p.created_at, p.updated_at, p.published_at,
    u.name AS owner_name
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id AND CASE WHEN u.deleted_at IS NULL THEN TRUE ELSE FALSE END
WHERE p.published AND (p.published_at, p.id) > (CAST(@published_at AS timestamptz), CAST(@id AS bigint))
ORDER BY p.published_at, p.id
LIMIT @page_size;

-- name: DeletePost :execrows
DELETE FROM posts
WHERE posts.id = @id AND posts.owner_id = @owner_id
    AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = posts.owner_id AND u.deleted_at IS NULL);
