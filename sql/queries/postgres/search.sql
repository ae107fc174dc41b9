-- A search goes two ways. First it walks the list, as it is read anyway, and looks into the words of at most @walk posts: what
-- many posts have is found there at once, in the order of the index, without a look at the others. What few posts have is found by
-- the index of words, and put into order then. Phrases, and in the walk words too, are looked for in the text.
-- name: WalkOlder :many
SELECT p.*
FROM (
    SELECT c.id, c.published_at
    FROM posts AS c
    WHERE c.published
        AND (c.published_at, c.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (c.published_at, c.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY c.published_at DESC, c.id DESC
    LIMIT @walk
) AS near
JOIN post_search AS s ON s.post_id = near.id
    AND NOT EXISTS (SELECT 1 FROM unnest(CAST(@texts AS text[])) AS t (wanted) WHERE position(t.wanted IN s.words) = 0)
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.published_at DESC, near.id DESC
LIMIT @page_size;

-- name: WalkNewer :many
SELECT p.*
FROM (
    SELECT c.id, c.published_at
    FROM posts AS c
    WHERE c.published
        AND (c.published_at, c.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (c.published_at, c.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY c.published_at, c.id
    LIMIT @walk
) AS near
JOIN post_search AS s ON s.post_id = near.id
    AND NOT EXISTS (SELECT 1 FROM unnest(CAST(@texts AS text[])) AS t (wanted) WHERE position(t.wanted IN s.words) = 0)
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.published_at, near.id
LIMIT @page_size;

-- name: WalkAuthoredOlder :many
SELECT p.*
FROM (
    SELECT c.owner_id, c.published_at, c.id
    FROM posts AS c
    WHERE c.published
        AND (c.owner_id, c.published_at, c.id)
            > (CAST(@author AS bigint), CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (c.owner_id, c.published_at, c.id)
            < (CAST(@author AS bigint), CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY c.owner_id DESC, c.published_at DESC, c.id DESC
    LIMIT @walk
) AS near
JOIN post_search AS s ON s.post_id = near.id
    AND NOT EXISTS (SELECT 1 FROM unnest(CAST(@texts AS text[])) AS t (wanted) WHERE position(t.wanted IN s.words) = 0)
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.owner_id DESC, near.published_at DESC, near.id DESC
LIMIT @page_size;

-- name: WalkAuthoredNewer :many
SELECT p.*
FROM (
    SELECT c.owner_id, c.published_at, c.id
    FROM posts AS c
    WHERE c.published
        AND (c.owner_id, c.published_at, c.id)
            > (CAST(@author AS bigint), CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (c.owner_id, c.published_at, c.id)
            < (CAST(@author AS bigint), CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY c.owner_id, c.published_at, c.id
    LIMIT @walk
) AS near
JOIN post_search AS s ON s.post_id = near.id
    AND NOT EXISTS (SELECT 1 FROM unnest(CAST(@texts AS text[])) AS t (wanted) WHERE position(t.wanted IN s.words) = 0)
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.owner_id, near.published_at, near.id
LIMIT @page_size;

-- Whether a walk came to its end.
-- name: CountPublished :one
SELECT count(*)
FROM (
    SELECT 1
    FROM posts AS c
    WHERE c.published
        AND (c.published_at, c.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (c.published_at, c.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY c.published_at, c.id
    LIMIT @walk
) AS near;

-- name: CountAuthored :one
SELECT count(*)
FROM (
    SELECT 1
    FROM posts AS c
    WHERE c.published
        AND (c.owner_id, c.published_at, c.id)
            > (CAST(@author AS bigint), CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (c.owner_id, c.published_at, c.id)
            < (CAST(@author AS bigint), CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY c.owner_id, c.published_at, c.id
    LIMIT @walk
) AS near;

-- OFFSET 0 keeps PostgreSQL, which takes every beginning of a word for a common one, from reading all posts beside those found.
-- name: FoundOlder :many
WITH found AS MATERIALIZED (
    SELECT s.post_id
    FROM post_search AS s
    WHERE array_to_tsvector(string_to_array(btrim(s.words), ' ')) @@ CAST(CAST(@words AS text) AS tsquery)
        AND NOT EXISTS (SELECT 1 FROM unnest(CAST(@texts AS text[])) AS t (wanted) WHERE position(t.wanted IN s.words) = 0)
)
SELECT p.*
FROM (
    SELECT hit.id, hit.published_at
    FROM found
    CROSS JOIN LATERAL (
        SELECT c.id, c.published_at
        FROM posts AS c
        JOIN users AS owner ON owner.id = c.owner_id AND owner.deleted_at IS NULL
        WHERE c.id = found.post_id AND c.published AND (CAST(@author AS bigint) = 0 OR c.owner_id = CAST(@author AS bigint))
            AND (c.published_at, c.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
            AND (c.published_at, c.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
        OFFSET 0
    ) AS hit
    ORDER BY hit.published_at DESC, hit.id DESC
    LIMIT @page_size
) AS near
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.published_at DESC, near.id DESC;

-- name: FoundNewer :many
WITH found AS MATERIALIZED (
    SELECT s.post_id
    FROM post_search AS s
    WHERE array_to_tsvector(string_to_array(btrim(s.words), ' ')) @@ CAST(CAST(@words AS text) AS tsquery)
        AND NOT EXISTS (SELECT 1 FROM unnest(CAST(@texts AS text[])) AS t (wanted) WHERE position(t.wanted IN s.words) = 0)
)
SELECT p.*
FROM (
    SELECT hit.id, hit.published_at
    FROM found
    CROSS JOIN LATERAL (
        SELECT c.id, c.published_at
        FROM posts AS c
        JOIN users AS owner ON owner.id = c.owner_id AND owner.deleted_at IS NULL
        WHERE c.id = found.post_id AND c.published AND (CAST(@author AS bigint) = 0 OR c.owner_id = CAST(@author AS bigint))
            AND (c.published_at, c.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
            AND (c.published_at, c.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
        OFFSET 0
    ) AS hit
    ORDER BY hit.published_at, hit.id
    LIMIT @page_size
) AS near
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.published_at, near.id;

-- name: UnindexedPosts :many
SELECT id, version, title, content
FROM posts
WHERE indexed_version <> version
ORDER BY id
LIMIT @batch_size;

-- A post that was changed meanwhile has other words, and is left: whoever changed it has seen to them, or a next batch does.
-- name: IndexPost :batchexec
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
