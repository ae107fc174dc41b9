-- name: PutWords :exec
INSERT OR REPLACE INTO post_search (rowid, words)
VALUES (@id, @words);

-- name: DeleteWords :exec
DELETE FROM post_search
WHERE rowid = @id;

-- It reports whether the version has this text and its words are in the index.
-- name: IsIndexed :one
SELECT EXISTS (
    SELECT 1
    FROM posts
    WHERE id = @id AND version = @version AND indexed_version = @version AND title = @title AND content = @content
);

-- The newest posts come first, because lists begin with them. Posts that were never published come last: the number is the
-- start of the year 1.
-- name: UnindexedPosts :many
SELECT id, version, title, content, published_at
FROM posts
WHERE indexed_version <> version
    AND (coalesce(published_at, -62135596800000000), id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
ORDER BY coalesce(published_at, -62135596800000000) DESC, id DESC
LIMIT @batch_size;

-- It stops counting at the limit. The order makes the planner take the index of these posts.
-- name: CountUnindexedPosts :one
SELECT count(*)
FROM (
    SELECT id
    FROM posts
    WHERE indexed_version <> version
    ORDER BY coalesce(published_at, -62135596800000000) DESC, id DESC
    LIMIT @most
) AS unindexed;

-- name: SetIndexed :execrows
UPDATE posts
SET indexed_version = version
WHERE id = @id AND version = @version AND indexed_version <> version;

-- The writer could not write the words of the post.
-- name: LeaveUnindexed :exec
UPDATE posts
SET indexed_version = 0
WHERE id = @id;

-- It counts at most page_size posts.
-- name: CountFound :one
SELECT count(*)
FROM (SELECT s.rowid FROM post_search AS s WHERE s.words MATCH @query LIMIT @page_size) AS found;

-- SQLite sorts the posts without their contents. The rows come in no order.
-- name: FoundOlder :many
SELECT p.*, CAST(CASE WHEN CAST(@viewer AS bigint) = 0 THEN FALSE ELSE EXISTS (
    SELECT 1 FROM votes AS v WHERE v.post_id = p.id AND v.user_id = @viewer
) END AS boolean) AS voted
FROM shown_posts AS p
WHERE p.id IN (
    SELECT f.id
    FROM post_search AS s
    CROSS JOIN posts AS f ON f.id = s.rowid
    JOIN users AS u ON u.id = f.owner_id AND u.deleted_at IS NULL
    WHERE s.words MATCH @query AND f.published AND (CAST(@author AS bigint) = 0 OR f.owner_id = CAST(@author AS bigint))
        AND (f.published_at, f.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (f.published_at, f.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY f.published_at DESC, f.id DESC
    LIMIT @page_size
)
LIMIT @page_size;

-- name: FoundNewer :many
SELECT p.*, CAST(CASE WHEN CAST(@viewer AS bigint) = 0 THEN FALSE ELSE EXISTS (
    SELECT 1 FROM votes AS v WHERE v.post_id = p.id AND v.user_id = @viewer
) END AS boolean) AS voted
FROM shown_posts AS p
WHERE p.id IN (
    SELECT f.id
    FROM post_search AS s
    CROSS JOIN posts AS f ON f.id = s.rowid
    JOIN users AS u ON u.id = f.owner_id AND u.deleted_at IS NULL
    WHERE s.words MATCH @query AND f.published AND (CAST(@author AS bigint) = 0 OR f.owner_id = CAST(@author AS bigint))
        AND (f.published_at, f.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (f.published_at, f.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY f.published_at, f.id
    LIMIT @page_size
)
LIMIT @page_size;
