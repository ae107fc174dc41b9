-- name: PutWords :exec
INSERT OR REPLACE INTO post_search (rowid, words)
VALUES (@id, @words);

-- name: DeleteWords :exec
DELETE FROM post_search
WHERE rowid = @id;

-- Whether the words of a version are in the index, and it has this text.
-- name: IsIndexed :one
SELECT EXISTS (
    SELECT 1
    FROM posts
    WHERE id = @id AND version = @version AND indexed_version = @version AND title = @title AND content = @content
);

-- name: UnindexedPosts :many
SELECT id, title, content, version
FROM posts
WHERE indexed_version <> version AND id > @after_id
ORDER BY id
LIMIT @batch_size;

-- name: SetIndexed :execrows
UPDATE posts
SET indexed_version = version
WHERE id = @id AND version = @version AND indexed_version <> version;

-- How many posts are found, up to a number.
-- name: CountFound :one
SELECT count(*)
FROM (SELECT s.rowid FROM post_search AS s WHERE s.words MATCH @query LIMIT @page_size) AS found;

-- Where few are found they are sorted, without their contents.
-- name: FoundOlder :many
SELECT p.*
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
ORDER BY p.published_at DESC, p.id DESC
LIMIT @page_size;

-- name: FoundNewer :many
SELECT p.*
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
ORDER BY p.published_at, p.id
LIMIT @page_size;

-- Where many are found the list is read, and what is found is kept at hand. The sum keeps SQLite from beginning there.
-- name: ListedOlder :many
SELECT p.*
FROM shown_posts AS p
WHERE p.published
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    AND p.id + 0 IN (SELECT s.rowid FROM post_search AS s WHERE s.words MATCH @query)
ORDER BY p.published_at DESC, p.id DESC
LIMIT @page_size;

-- name: ListedNewer :many
SELECT p.*
FROM shown_posts AS p
WHERE p.published
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    AND p.id + 0 IN (SELECT s.rowid FROM post_search AS s WHERE s.words MATCH @query)
ORDER BY p.published_at, p.id
LIMIT @page_size;

-- name: ListedAuthoredOlder :many
SELECT p.*
FROM shown_posts AS p
WHERE p.published AND p.owner_id = @author
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    AND p.id + 0 IN (SELECT s.rowid FROM post_search AS s WHERE s.words MATCH @query)
ORDER BY p.published_at DESC, p.id DESC
LIMIT @page_size;

-- name: ListedAuthoredNewer :many
SELECT p.*
FROM shown_posts AS p
WHERE p.published AND p.owner_id = @author
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    AND p.id + 0 IN (SELECT s.rowid FROM post_search AS s WHERE s.words MATCH @query)
ORDER BY p.published_at, p.id
LIMIT @page_size;

-- Where so many are found that a list is full soon, each of its posts is asked for.
-- name: ProbedOlder :many
SELECT p.*
FROM shown_posts AS p
WHERE p.published
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    AND EXISTS (SELECT 1 FROM post_search AS s WHERE s.rowid = p.id AND s.words MATCH @query)
ORDER BY p.published_at DESC, p.id DESC
LIMIT @page_size;

-- name: ProbedNewer :many
SELECT p.*
FROM shown_posts AS p
WHERE p.published
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    AND EXISTS (SELECT 1 FROM post_search AS s WHERE s.rowid = p.id AND s.words MATCH @query)
ORDER BY p.published_at, p.id
LIMIT @page_size;

-- name: ProbedAuthoredOlder :many
SELECT p.*
FROM shown_posts AS p
WHERE p.published AND p.owner_id = @author
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    AND EXISTS (SELECT 1 FROM post_search AS s WHERE s.rowid = p.id AND s.words MATCH @query)
ORDER BY p.published_at DESC, p.id DESC
LIMIT @page_size;

-- name: ProbedAuthoredNewer :many
SELECT p.*
FROM shown_posts AS p
WHERE p.published AND p.owner_id = @author
    AND (p.published_at, p.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
    AND (p.published_at, p.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    AND EXISTS (SELECT 1 FROM post_search AS s WHERE s.rowid = p.id AND s.words MATCH @query)
ORDER BY p.published_at, p.id
LIMIT @page_size;
