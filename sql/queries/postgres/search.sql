-- The posts that a list shows first come first, since a walk begins with them, and those that were never published come last.
-- name: UnindexedPosts :many
SELECT id, version, title, content, published_at
FROM posts
WHERE indexed_version <> version
    AND (coalesce(published_at, CAST('0001-01-01 00:00:00+00' AS timestamptz)), id)
        < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
ORDER BY coalesce(published_at, CAST('0001-01-01 00:00:00+00' AS timestamptz)) DESC, id DESC
LIMIT @batch_size;

-- A post that was changed meanwhile has other words, and is left: whoever changed it has seen to them, or a next batch does.
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

-- The post is locked, so that nobody writes words of a newer version meanwhile.
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
