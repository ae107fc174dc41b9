-- name: InsertPost :one
INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at, indexed_version)
SELECT @owner_id, @title, @content, @published, 1, @created_at, @created_at, @published_at, @indexed_version
FROM users AS owner
WHERE owner.id = @owner_id AND owner.deleted_at IS NULL
RETURNING id;

-- name: UpdatePost :execrows
UPDATE posts
SET title = @title, content = @content, published = @published, version = version + 1, updated_at = @updated_at,
    published_at = @published_at, indexed_version = @indexed_version
WHERE posts.id = @id AND posts.owner_id = @owner_id AND posts.version = @version
    AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = posts.owner_id AND u.deleted_at IS NULL);

-- name: PurgePosts :many
DELETE FROM posts
WHERE id IN (
    SELECT p.id
    FROM users AS u
    JOIN posts AS p ON p.owner_id = u.id
    WHERE u.deleted_at IS NOT NULL
    LIMIT @batch_size
)
RETURNING id;
