-- The post as its owner sees it.
-- name: PostByID :one
SELECT p.id, p.owner_id, p.title, p.content, CAST(coalesce(p.hidden_published, p.published) AS boolean) AS published, p.version,
    p.created_at, p.updated_at, p.published_at, u.name AS owner_name, p.votes, CAST(p.hidden_published IS NOT NULL AS boolean) AS hidden,
    CAST(v.user_id IS NOT NULL AS boolean) AS voted
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id AND u.deleted_at IS NULL
LEFT JOIN votes AS v ON v.post_id = p.id AND v.user_id = p.owner_id
WHERE p.id = @id AND NOT p.deleted;

-- A user's posts, with drafts and hidden ones, as their owner sees them.
-- name: PostsOfOwner :many
SELECT p.id, p.owner_id, p.title, p.content, CAST(coalesce(p.hidden_published, p.published) AS boolean) AS published, p.version,
    p.created_at, p.updated_at, p.published_at, u.name AS owner_name, p.votes, CAST(p.hidden_published IS NOT NULL AS boolean) AS hidden,
    CAST(v.user_id IS NOT NULL AS boolean) AS voted
FROM posts AS p
JOIN users AS u ON u.id = p.owner_id AND u.deleted_at IS NULL
LEFT JOIN votes AS v ON v.post_id = p.id AND v.user_id = p.owner_id
WHERE p.owner_id = @owner_id AND p.id > @after_id AND NOT p.deleted
ORDER BY p.id
LIMIT @page_size;

-- It changes nothing if the post is hidden already. The words of the post stay in the search index.
-- name: HidePost :execrows
UPDATE posts
SET hidden_published = coalesce(posts.hidden_published, posts.published), published = FALSE
WHERE posts.id = @id AND NOT posts.deleted
    AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = posts.owner_id AND u.deleted_at IS NULL);

-- name: ShowPost :execrows
UPDATE posts
SET published = coalesce(posts.hidden_published, posts.published), hidden_published = NULL
WHERE posts.id = @id AND NOT posts.deleted
    AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = posts.owner_id AND u.deleted_at IS NULL);

-- It makes the post invisible to everybody. A purge deletes the row later, after its votes. The new version makes every write fail
-- that read the post before.
-- name: DeletePost :execrows
UPDATE posts
SET deleted = TRUE, published = FALSE, version = posts.version + 1, indexed_version = posts.version + 1
WHERE posts.id = @id AND posts.owner_id = @owner_id AND posts.version = @version AND NOT posts.deleted
    AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = posts.owner_id AND u.deleted_at IS NULL);
