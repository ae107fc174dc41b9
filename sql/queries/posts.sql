-- The post as its owner sees it.
-- name: PostByID :one
SELECT p.*, CAST(v.user_id IS NOT NULL AS boolean) AS voted
FROM shown_posts AS p
LEFT JOIN votes AS v ON v.post_id = p.id AND v.user_id = p.owner_id
WHERE p.id = @id;

-- It hides the post from everybody. A purge deletes the row later, after its votes. The new version makes every write fail
-- that read the post before.
-- name: DeletePost :execrows
UPDATE posts
SET deleted = TRUE, published = FALSE, version = posts.version + 1, indexed_version = posts.version + 1
WHERE posts.id = @id AND posts.owner_id = @owner_id AND posts.version = @version AND NOT posts.deleted
    AND EXISTS (SELECT 1 FROM users AS u WHERE u.id = posts.owner_id AND u.deleted_at IS NULL);
