-- The newest posts come first, because lists begin with them. Posts that were never published come last.
-- name: UnindexedPosts :many
SELECT id, version, title, content, published_at
FROM posts
WHERE indexed_version <> version
    AND (coalesce(published_at, CAST('0001-01-01 00:00:00+00' AS timestamptz)), id)
        < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
ORDER BY coalesce(published_at, CAST('0001-01-01 00:00:00+00' AS timestamptz)) DESC, id DESC
LIMIT @batch_size;

-- It stops counting at the limit. The order makes the planner take the index of these posts.
-- name: CountUnindexedPosts :one
SELECT count(*)
FROM (
    SELECT id
    FROM posts
    WHERE indexed_version <> version
    ORDER BY coalesce(published_at, CAST('0001-01-01 00:00:00+00' AS timestamptz)) DESC, id DESC
    LIMIT @most
) AS unindexed;

-- It does nothing if the post has changed in the meantime. The change, or a later batch, then indexes the post.
-- name: IndexPost :execrows
WITH post AS (
    UPDATE posts
    SET indexed_version = posts.version
    WHERE posts.id = @id AND posts.version = @version AND posts.indexed_version <> posts.version
    RETURNING posts.id
)
INSERT INTO post_search (post_id, words)
SELECT post.id, @words
FROM post
ON CONFLICT (post_id) DO UPDATE SET words = excluded.words;

-- It locks the post, so that nobody can write the words of a newer version at the same time.
-- name: ReindexPost :execrows
WITH post AS (
    SELECT p.id
    FROM posts AS p
    WHERE p.id = @id AND p.version = @version AND p.indexed_version = p.version
    FOR NO KEY UPDATE
)
UPDATE post_search
SET words = @words
FROM post
WHERE post_search.post_id = post.id AND post_search.words <> @words;
