-- name: InsertPost :one
INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at)
VALUES (@owner_id, @title, @content, @published, 1, @created_at, @created_at, @published_at)
RETURNING id;

-- name: UpdatePost :execrows
UPDATE posts
SET title = @title, content = @content, published = @published, version = version + 1, updated_at = @updated_at,
    published_at = @published_at
WHERE id = @id AND owner_id = @owner_id AND version = @version;
