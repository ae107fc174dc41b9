-- name: InsertPost :one
INSERT INTO posts AS p (owner_id, title, content, published, version, created_at, updated_at, published_at)
SELECT @owner_id, @title, @content, @published, 1, @created_at, @created_at, @published_at
FROM users AS owner
WHERE owner.id = @owner_id AND owner.deleted_at IS NULL
RETURNING p.id, p.owner_id, p.title, p.content, p.published, p.version, p.created_at, p.updated_at, p.published_at,
    (SELECT u.name FROM users AS u WHERE u.id = p.owner_id) AS owner_name;

-- name: UpdatePost :one
UPDATE posts AS p
SET title = @title, content = @content, published = @published, version = p.version + 1, updated_at = @updated_at,
    published_at = @published_at
WHERE p.id = @id AND p.owner_id = @owner_id AND p.version = @version
    AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = p.owner_id AND u.deleted_at IS NULL)
RETURNING p.id, p.owner_id, p.title, p.content, p.published, p.version, p.created_at, p.updated_at, p.published_at,
    (SELECT u.name FROM users AS u WHERE u.id = p.owner_id) AS owner_name;
