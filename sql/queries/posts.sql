-- name: PostByID :one
SELECT p.id, p.owner_id, p.title, p.content, p.published, p.version, p.created_at, p.updated_at, p.published_at,
    u.name AS owner_name
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id
WHERE p.id = @id;

-- name: PublishedBefore :many
SELECT p.id, p.owner_id, p.title, p.content, p.published, p.version, p.created_at, p.updated_at, p.published_at,
    u.name AS owner_name
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id
WHERE p.published AND (p.published_at, p.id) < (CAST(@published_at AS timestamptz), CAST(@id AS bigint))
ORDER BY p.published_at DESC, p.id DESC
LIMIT @page_size;

-- name: PublishedAfter :many
SELECT p.id, p.owner_id, p.title, p.content, p.published, p.version, p.created_at, p.updated_at, p.published_at,
    u.name AS owner_name
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id
WHERE p.published AND (p.published_at, p.id) > (CAST(@published_at AS timestamptz), CAST(@id AS bigint))
ORDER BY p.published_at, p.id
LIMIT @page_size;

-- name: DeletePost :execrows
DELETE FROM posts
WHERE id = @id AND owner_id = @owner_id;
