-- A search asks the index of words first, how many posts are found, up to a number. Few are all looked at, and put into order. Many are
-- found by a walk through the list, as it is read anyway, which looks into the words of at most @walk posts, and of no more than
-- @octets in all: what many posts have is found there at once, in the order of the index, without a look at the others. The length of
-- a text is known without reading it. Phrases, and in the walk words too, are looked for in the text.
--
-- In the index is what nobody would want to compute once more for a whole table, though PostgreSQL believes that to be cheap. So that
-- it takes the index always, it does not get to know the words before it plans, and is given to believe that a look at a row beside
-- the index is dear: plainto_tsquery is, by its own account, and is true here.
-- name: CountFound :one
WITH found AS MATERIALIZED (
    SELECT s.post_id
    FROM post_search AS s
    WHERE array_to_tsvector(string_to_array(btrim(s.words), ' ')) @@ (SELECT CAST(CAST(@words AS text) AS tsquery))
        AND plainto_tsquery('simple', CAST(s.post_id AS text)) IS NOT NULL
)
SELECT count(*)
FROM (SELECT found.post_id FROM found LIMIT @page_size) AS few;

-- name: WalkOlder :many
SELECT p.*
FROM (
    SELECT c.id, c.published_at,
        sum((SELECT octet_length(w.words) FROM post_search AS w WHERE w.post_id = c.id))
            OVER (ORDER BY c.published_at DESC, c.id DESC ROWS UNBOUNDED PRECEDING) AS octets
    FROM posts AS c
    WHERE c.published
        AND (c.published_at, c.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (c.published_at, c.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY c.published_at DESC, c.id DESC
    LIMIT @walk
) AS near
JOIN post_search AS s ON s.post_id = near.id AND near.octets <= CAST(@octets AS bigint)
    AND NOT EXISTS (SELECT 1 FROM unnest(CAST(@texts AS text[])) AS t (wanted) WHERE position(t.wanted IN s.words) = 0)
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.published_at DESC, near.id DESC
LIMIT @page_size;

-- name: WalkNewer :many
SELECT p.*
FROM (
    SELECT c.id, c.published_at,
        sum((SELECT octet_length(w.words) FROM post_search AS w WHERE w.post_id = c.id))
            OVER (ORDER BY c.published_at, c.id ROWS UNBOUNDED PRECEDING) AS octets
    FROM posts AS c
    WHERE c.published
        AND (c.published_at, c.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (c.published_at, c.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY c.published_at, c.id
    LIMIT @walk
) AS near
JOIN post_search AS s ON s.post_id = near.id AND near.octets <= CAST(@octets AS bigint)
    AND NOT EXISTS (SELECT 1 FROM unnest(CAST(@texts AS text[])) AS t (wanted) WHERE position(t.wanted IN s.words) = 0)
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.published_at, near.id
LIMIT @page_size;

-- name: WalkAuthoredOlder :many
SELECT p.*
FROM (
    SELECT c.owner_id, c.published_at, c.id,
        sum((SELECT octet_length(w.words) FROM post_search AS w WHERE w.post_id = c.id))
            OVER (ORDER BY c.owner_id DESC, c.published_at DESC, c.id DESC ROWS UNBOUNDED PRECEDING) AS octets
    FROM posts AS c
    WHERE c.published
        AND (c.owner_id, c.published_at, c.id)
            > (CAST(@author AS bigint), CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (c.owner_id, c.published_at, c.id)
            < (CAST(@author AS bigint), CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY c.owner_id DESC, c.published_at DESC, c.id DESC
    LIMIT @walk
) AS near
JOIN post_search AS s ON s.post_id = near.id AND near.octets <= CAST(@octets AS bigint)
    AND NOT EXISTS (SELECT 1 FROM unnest(CAST(@texts AS text[])) AS t (wanted) WHERE position(t.wanted IN s.words) = 0)
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.owner_id DESC, near.published_at DESC, near.id DESC
LIMIT @page_size;

-- name: WalkAuthoredNewer :many
SELECT p.*
FROM (
    SELECT c.owner_id, c.published_at, c.id,
        sum((SELECT octet_length(w.words) FROM post_search AS w WHERE w.post_id = c.id))
            OVER (ORDER BY c.owner_id, c.published_at, c.id ROWS UNBOUNDED PRECEDING) AS octets
    FROM posts AS c
    WHERE c.published
        AND (c.owner_id, c.published_at, c.id)
            > (CAST(@author AS bigint), CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (c.owner_id, c.published_at, c.id)
            < (CAST(@author AS bigint), CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY c.owner_id, c.published_at, c.id
    LIMIT @walk
) AS near
JOIN post_search AS s ON s.post_id = near.id AND near.octets <= CAST(@octets AS bigint)
    AND NOT EXISTS (SELECT 1 FROM unnest(CAST(@texts AS text[])) AS t (wanted) WHERE position(t.wanted IN s.words) = 0)
JOIN shown_posts AS p ON p.id = near.id
ORDER BY near.owner_id, near.published_at, near.id
LIMIT @page_size;

-- Whether a walk came to its end.
-- name: MeasurePublished :one
SELECT count(*) AS posts, CAST(coalesce(sum(near.octets), 0) AS bigint) AS octets
FROM (
    SELECT (SELECT octet_length(s.words) FROM post_search AS s WHERE s.post_id = c.id) AS octets
    FROM posts AS c
    WHERE c.published
        AND (c.published_at, c.id) > (CAST(@after_time AS timestamptz), CAST(@after_id AS bigint))
        AND (c.published_at, c.id) < (CAST(@before_time AS timestamptz), CAST(@before_id AS bigint))
    ORDER BY c.published_at, c.id
    LIMIT @walk
) AS near;

-- name: MeasureAuthored :one
SELECT count(*) AS posts, CAST(coalesce(sum(near.octets), 0) AS bigint) AS octets
FROM (
    SELECT (SELECT octet_length(s.words) FROM post_search AS s WHERE s.post_id = c.id) AS octets
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
    WHERE array_to_tsvector(string_to_array(btrim(s.words), ' ')) @@ (SELECT CAST(CAST(@words AS text) AS tsquery))
        AND plainto_tsquery('simple', CAST(s.post_id AS text)) IS NOT NULL
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
    WHERE array_to_tsvector(string_to_array(btrim(s.words), ' ')) @@ (SELECT CAST(CAST(@words AS text) AS tsquery))
        AND plainto_tsquery('simple', CAST(s.post_id AS text)) IS NOT NULL
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
