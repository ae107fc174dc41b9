-- The index alone decides whether the viewer may see the post. For another user's draft or hidden post, the query takes the
-- same steps as for a missing post.
-- name: VisiblePost :one
SELECT p.id, p.owner_id, p.title, p.content, CAST(coalesce(p.hidden_published, p.published) AS boolean) AS published, p.version,
    p.created_at, p.updated_at, p.published_at, u.name AS owner_name, p.votes, CAST(p.hidden_published IS NOT NULL AS boolean) AS hidden,
    CAST(v.user_id IS NOT NULL AS boolean) AS voted
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id AND u.deleted_at IS NULL
LEFT JOIN votes AS v ON v.post_id = p.id AND v.user_id = @viewer
WHERE NOT p.deleted AND p.id = (
    SELECT seen.id
    FROM posts AS seen INDEXED BY posts_visible_idx
    WHERE seen.id = @id AND (seen.published OR seen.owner_id = @viewer)
);

-- The same for an anonymous viewer.
-- name: PublishedPost :one
SELECT p.*
FROM shown_posts AS p
WHERE p.id = (
    SELECT seen.id
    FROM posts AS seen INDEXED BY posts_visible_idx
    WHERE seen.id = @id AND seen.published
);

-- name: InsertPost :one
INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at, indexed_version)
SELECT @owner_id, @title, @content, @published, 1, @created_at, @created_at, @published_at, @indexed_version
FROM users AS owner
WHERE owner.id = @owner_id AND owner.deleted_at IS NULL
RETURNING id, (SELECT u.name FROM users AS u WHERE u.id = posts.owner_id) AS owner_name;

-- name: UpdatePost :execrows
UPDATE posts
SET title = @title, content = @content, published = CAST(@published AS boolean) AND hidden_published IS NULL,
    hidden_published = CASE WHEN hidden_published IS NULL THEN NULL ELSE CAST(@published AS boolean) END,
    version = version + 1, updated_at = @updated_at, published_at = @published_at, indexed_version = @indexed_version
WHERE posts.id = @id AND posts.owner_id = @owner_id AND posts.version = @version AND NOT posts.deleted
    AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = posts.owner_id AND u.deleted_at IS NULL);

-- name: PurgePosts :many
DELETE FROM posts
WHERE posts.deleted AND posts.id IN (SELECT d.id FROM posts AS d WHERE d.deleted ORDER BY d.id LIMIT @batch_size)
    AND NOT EXISTS (SELECT 1 FROM votes AS v WHERE v.post_id = posts.id LIMIT 1 OFFSET 0)
RETURNING id;
