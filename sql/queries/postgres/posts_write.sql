-- For another user's draft or hidden post, the query takes the same steps as for a missing post.
-- name: VisiblePost :one
SELECT p.id, p.owner_id, p.title, p.content, CAST(coalesce(p.hidden_published, p.published) AS boolean) AS published, p.version,
    p.created_at, p.updated_at, p.published_at, u.name AS owner_name, p.votes, CAST(p.hidden_published IS NOT NULL AS boolean) AS hidden,
    CAST(v.user_id IS NOT NULL AS boolean) AS voted
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id AND u.deleted_at IS NULL
LEFT JOIN votes AS v ON v.post_id = p.id AND v.user_id = @viewer
WHERE p.id = @id AND NOT p.deleted AND (p.published OR p.owner_id = @viewer);

-- The same for an anonymous viewer.
-- name: PublishedPost :one
SELECT p.*
FROM shown_posts AS p
WHERE p.id = @id AND p.published;

-- It locks the owner's row, so that a purge cannot delete it before the post is inserted. Locking also reads the latest state
-- of the row: an account that was deleted in the meantime gets no post.
-- name: InsertPost :one
WITH owner AS (
    SELECT u.id, u.name
    FROM users AS u
    WHERE u.id = @owner_id AND u.deleted_at IS NULL
    FOR KEY SHARE
), post AS (
    INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at, indexed_version)
    SELECT owner.id, @title, @content, @published, 1, @created_at, @created_at, @published_at, 1
    FROM owner
    RETURNING id
), indexed AS (
    INSERT INTO post_search (post_id, words)
    SELECT post.id, @words
    FROM post
)
SELECT post.id, owner.name AS owner_name
FROM post
CROSS JOIN owner;

-- name: UpdatePost :one
WITH post AS (
    UPDATE posts
    SET title = @title, content = @content, published = CAST(@published AS boolean) AND posts.hidden_published IS NULL,
        hidden_published = CASE WHEN posts.hidden_published IS NULL THEN NULL ELSE CAST(@published AS boolean) END,
        version = posts.version + 1, updated_at = @updated_at, published_at = @published_at, indexed_version = posts.version + 1
    WHERE posts.id = @id AND posts.owner_id = @owner_id AND posts.version = @version AND NOT posts.deleted
        AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = posts.owner_id AND u.deleted_at IS NULL)
    RETURNING *
), indexed AS (
    INSERT INTO post_search (post_id, words)
    SELECT post.id, @words
    FROM post
    ON CONFLICT (post_id) DO UPDATE SET words = excluded.words
)
SELECT p.id, p.owner_id, p.title, p.content, CAST(coalesce(p.hidden_published, p.published) AS boolean) AS published, p.version,
    p.created_at, p.updated_at, p.published_at, (SELECT u.name FROM users AS u WHERE u.id = p.owner_id) AS owner_name, p.votes,
    CAST(p.hidden_published IS NOT NULL AS boolean) AS hidden,
    CAST(v.user_id IS NOT NULL AS boolean) AS voted
FROM post AS p
LEFT JOIN votes AS v ON v.post_id = p.id AND v.user_id = p.owner_id;

-- See purge.sql.
-- name: PurgePosts :execrows
DELETE FROM posts
WHERE posts.deleted AND posts.id = ANY (ARRAY(SELECT d.id FROM posts AS d WHERE d.deleted ORDER BY d.id LIMIT @batch_size))
    AND NOT EXISTS (SELECT 1 FROM votes AS v WHERE v.post_id = posts.id ORDER BY v.post_id, v.user_id LIMIT 1 OFFSET 0);
